// From hosts to the node set that names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cbs::cli {

// Whether a person would put `a` before `b`: numbers count as numbers, so that web2 comes before web10. Of numbers, the
// one with fewer digits is the smaller, so that 01 comes after 9.
bool naturallyBefore(std::string_view a, std::string_view b);

// The shortest node set of these, sorted: db1,web[01-03]. It reads back as the same hosts; of names that have no number
// it is a list.
std::string foldTargets(const std::vector<std::string>& names);

}  // namespace cbs::cli
