#include <hub/plugin_export.h>

namespace {

class HelloPlugin final : public hub::Plugin {
public:
    std::span<const hub::Option> options() const noexcept override { return {}; }

    void configure(const hub::Options&) override {}

    void start(hub::HubServices& hub) override {
        route_ = hub.http().route("GET", "/api/@name@", [](const hub::HttpRequest&) {
            hub::HttpResponse response;
            response.body = R"({"hello":"@name@"})";
            return response;
        });
    }

    void stop() noexcept override { route_ = {}; }

    hub::Health health() const override { return {}; }

private:
    hub::Registration route_;
};

}  // namespace

HUB_EXPORT_PLUGIN(HelloPlugin, "@name@", "0.1.0", hub::PluginKind::Extension)
