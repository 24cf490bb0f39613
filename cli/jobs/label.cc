#include "cli/jobs/label.h"

namespace cbs::cli {

tl::expected<std::vector<TypedLabel>, std::string> readLabels(const std::vector<std::string>& typed) {
  std::vector<TypedLabel> labels;
  for (const std::string& text : typed) {
    size_t equals = text.find('=');
    if (equals == 0 || text.empty()) return tl::unexpected("'" + text + "' is no label: its name is missing");
    labels.push_back({text.substr(0, equals), equals == text.npos ? "" : text.substr(equals + 1)});
  }
  return labels;
}

void describeLabels(const std::vector<TypedLabel>& labels, capnp::List<schema::Label>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) {
    to[i].setName(labels[i].name.c_str());
    to[i].setValue(labels[i].value.c_str());
  }
}

}  // namespace cbs::cli
