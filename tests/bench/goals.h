// What a measurement should come to, told at its end.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace cbs::bench {

class Goals {
 public:
  void atMost(const std::string& what, double value, double most, const std::string& unit = "") {
    add(what, value, "at most", most, unit, value <= most);
  }
  void atLeast(const std::string& what, double value, double least, const std::string& unit = "") {
    add(what, value, "at least", least, unit, value >= least);
  }
  void print() const {
    for (const std::string& line : lines_) printf("%s\n", line.c_str());
  }

 private:
  void add(const std::string& what, double value, const char* side, double goal, const std::string& unit, bool met) {
    char line[256];
    snprintf(line, sizeof(line), "%-64s %8.3f%s   goal: %s %g%s: %s", what.c_str(), value, unit.c_str(), side, goal,
             unit.c_str(), met ? "met" : "not met");
    lines_.emplace_back(line);
  }

  std::vector<std::string> lines_;
};

}  // namespace cbs::bench
