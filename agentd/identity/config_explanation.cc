#include "agentd/identity/config_explanation.h"

#include "common/read_file.h"

namespace cbs::identity {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

}  // namespace

Task<Expected<std::vector<ConfigSetting>>> explainConfig(ConfigQuery& query, core::Target target) {
  auto standard = co_await query.printDefaults();
  if (!standard) co_return fail(standard.error());
  auto traced = co_await query.trace(target);
  if (!traced) co_return fail(traced.error());
  auto applied = appliedLines(parseConfigTrace(traced->steps),
                              [](const std::string& path) { return readFile(path, kMaxFileBytes); });
  co_return settingsOf(target, traced->printed, *standard, applied);
}

}  // namespace cbs::identity
