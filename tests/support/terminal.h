// A terminal that a test sits at.
#pragma once

#include "tests/support/output_reader.h"

#include <string_view>

namespace cbs::test {

class Terminal {
 public:
  Terminal(unsigned short columns, unsigned short rows);

  // The side that the program gets.
  int slave() const { return slave_.get(); }
  // To be called once the program has it, so that the terminal ends with the program.
  void closeSlave() { slave_.close(); }

  void type(std::string_view keys) const;
  // The program in the foreground gets a SIGWINCH.
  void resize(unsigned short columns, unsigned short rows) const;
  // Whether typed characters are echoed by the terminal itself, which raw mode ends.
  bool echoes() const;
  // What the program prints.
  OutputReader& screen() { return screen_; }

 private:
  UniqueFd slave_;
  OutputReader screen_{UniqueFd()};
};

}  // namespace cbs::test
