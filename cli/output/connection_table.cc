#include "cli/output/connection_table.h"

#include "cli/output/table.h"
#include "common/duration.h"

#include <capnp/schema.h>

namespace cbs::cli {
namespace {

std::string stateName(schema::ConnectionState state) {
  auto names = capnp::Schema::from<schema::ConnectionState>().getEnumerants();
  auto index = static_cast<unsigned>(state);
  return index < names.size() ? names[index].getProto().getName().cStr() : "?";
}

// `aes128-gcm@openssh.com` is known to everybody without its domain.
std::string shortCipher(std::string name) { return name.substr(0, name.find('@')); }

std::string lastingText(uint64_t milliseconds) { return durationText(milliseconds * kj::MILLISECONDS); }

}  // namespace

std::string connectionTable(capnp::List<schema::ConnectionInfo>::Reader connections) {
  if (connections.size() == 0) return "no connections\n";
  constexpr auto kRight = Table::Align::right;
  Table table({{"HOST"},
               {"ADDRESS"},
               {"USER"},
               {"STATE"},
               {"AGE", kRight},
               {"IDLE", kRight},
               {"BUSY", kRight},
               {"SERVED", kRight},
               {"IN", kRight},
               {"OUT", kRight},
               {"CIPHER"}});
  for (auto connection : connections) {
    table.add({connection.getHost().cStr(), connection.getAddress().cStr(), connection.getUser().cStr(),
               stateName(connection.getState()), lastingText(connection.getAgeMs()),
               lastingText(connection.getIdleMs()), std::to_string(connection.getChannels()),
               std::to_string(connection.getCommands()), byteText(connection.getBytesIn()),
               byteText(connection.getBytesOut()), shortCipher(connection.getCipher().cStr())});
  }
  return table.text();
}

}  // namespace cbs::cli
