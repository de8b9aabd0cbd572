#include "registry/forgetting.h"

#include "registry/device_entry.h"

#include <utility>

namespace hub::registry {

void Forgetting::write(const std::shared_ptr<DeviceEntry>& entry) {
    const Event event{.device = entry->index,
                      .kind = EventKind::Forgotten,
                      .device_id = entry->id,
                      .name = "forgotten",
                      .payload = "{}"};
    router::Batch batch({&event, 1}, {});
    batch.keep(entry);
    const Sequence sequence = log_->append(std::move(batch));
    entry->gone = true;
    written_.set_value(sequence);
}

}  // namespace hub::registry
