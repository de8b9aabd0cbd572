#include "hub/registration.h"

namespace hub {

Registration& Registration::operator=(Registration&& other) noexcept {
    // What was held before goes with `incoming`, unless it was this very registration.
    Registration incoming{std::move(other)};
    detach_.swap(incoming.detach_);
    return *this;
}

Registration::~Registration() {
    if (detach_) detach_();
}

}  // namespace hub
