#include <hub/plugin_export.h>

#include <string>

namespace {

constexpr hub::Option kOptions[] = {
    {"@name@.name", hub::Option::Type::Text, "@name@", "Who is greeted."},
};

class OwnPlugin final : public hub::Plugin {
public:
    std::span<const hub::Option> options() const noexcept override { return kOptions; }

    void configure(const hub::Options& options) override { name_ = options.text("@name@.name"); }

    void start(hub::HubServices& hub) override {
        route_ = hub.http().route("GET", "/api/@name@", [this](const hub::HttpRequest&) {
            hub::HttpResponse response;
            response.body = R"({"hello":)";
            hub::appendJsonString(response.body, name_);
            response.body += "}";
            return response;
        });
        hub.logger().info("greeting " + name_ + " at /api/@name@");
    }

    void stop() noexcept override { route_ = {}; }

    hub::Health health() const override { return {}; }

private:
    std::string name_;
    hub::Registration route_;
};

}  // namespace

HUB_EXPORT_PLUGIN(OwnPlugin, "@name@", "0.1.0", hub::PluginKind::Extension)
