#include "cli/output/settings_text.h"

#include "cli/output/table.h"

namespace cbs::cli {
namespace {

using Origin = schema::Explanation::Origin;

// Lists of algorithms are long; the other lines shall not be as wide.
constexpr size_t kWidestValue = 40;

std::string withTilde(std::string_view path, std::string_view home) {
  bool inside = !home.empty() && path.starts_with(home) && path.substr(home.size()).starts_with('/');
  return inside ? "~" + std::string(path.substr(home.size())) : std::string(path);
}

std::string originText(schema::Explanation::Setting::Reader setting, std::string_view home) {
  switch (setting.getOrigin()) {
    case Origin::FILE:
      return withTilde(setting.getFile().cStr(), home) + ":" + std::to_string(setting.getLine());
    case Origin::TARGET:
      return "the target";
    case Origin::DEFAULT:
      return "ssh's default";
    case Origin::UNKNOWN:
      break;
  }
  return "unknown";
}

}  // namespace

std::string settingsText(capnp::List<schema::Explanation::Setting>::Reader settings, std::string_view home) {
  Table table({{""}, {.heading = "", .widest = kWidestValue}, {""}});
  for (auto setting : settings) {
    bool shown = setting.getOrigin() != Origin::DEFAULT && setting.getValue().size() > 0;
    if (shown) table.add({setting.getKeyword().cStr(), setting.getValue().cStr(), originText(setting, home)});
  }
  return table.text();
}

}  // namespace cbs::cli
