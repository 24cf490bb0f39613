#include "cli/nodes/ansible_groups.h"
#include "cli/nodes/ansible_text.h"
#include "tests/support/temp_folder.h"

#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdio>

namespace cbs::cli {
namespace {

using Words = std::vector<std::string>;

// An inventory in a folder of its own.
struct Inventory {
  explicit Inventory(std::string_view text, const std::string& name = "hosts") : file(folder.write(name, text)) {}

  std::string group(const std::string& name) const {
    auto hosts = ansibleGroups(file)->group(name);
    if (!hosts) return "ERROR " + withoutFolder(hosts.error());
    return hosts->value_or("none");
  }
  std::string withoutFolder(std::string text) const {
    for (size_t at = text.find(folder.path() + "/"); at != text.npos; at = text.find(folder.path() + "/")) {
      text.erase(at, folder.path().size() + 1);
    }
    return text;
  }

  test::TempFolder folder;
  std::string file;
};

const char* const kExample = R"(# of the house
mail.example.com
[web]
web[01:03].example.com ansible_user=deploy  # they
web02.example.com ansible_port=2222
; and
[db]
db-[a:c:2] ansible_host=10.0.0.1
jumper ansible_ssh_host=192.0.2.50 ansible_ssh_port=5555 ansible_ssh_user='jane.doe'
[lan]
box:2200
[fe80::1]:2201
"quoted" ansible_user="me"
[site:children]
web
db  # both
[site:vars]
ansible_user = site
ansible_port = 22 # as ever
[db:vars]
ansible_user="dba"
[all:vars]
ansible_user=everyone
[empty]
)";

TEST_CASE("the words of a line are those of a shell") {
  CHECK(*inventoryWords("web1 a=b 'c d'=\"e \\\" f\"  g\\ h # i") == Words{"web1", "a=b", "c d=e \" f", "g h"});
  CHECK(*inventoryWords("'' x#y z") == Words{"", "x"});
  CHECK_FALSE(inventoryWords("web1 a='b"));
}

TEST_CASE("values are without their quotes and what is said behind them") {
  CHECK(inventoryValue("22") == "22");
  CHECK(inventoryValue("22 # as ever") == "22");
  CHECK(inventoryValue("'a b'") == "a b");
  CHECK(inventoryValue("\"a\"  # b") == "a");
  CHECK(inventoryValue("a # b") == "a # b");
  CHECK(inventoryValue("'a' b") == "'a' b");
  CHECK(inventoryValue("2nd") == "2nd");
  CHECK(inventoryValue("").empty());
}

TEST_CASE("ranges of hosts are expanded as Ansible does") {
  auto names = [](std::string_view word) {
    auto hosts = inventoryHosts(word, 50);
    return hosts ? hosts->names : Words{"ERROR"};
  };
  CHECK(names("w[08:11]") == Words{"w08", "w09", "w10", "w11"});
  CHECK(names("w[8:10]x[a:b]") == Words{"w8xa", "w8xb", "w9xa", "w9xb", "w10xa", "w10xb"});
  CHECK(names("w[:4:2]") == Words{"w0", "w2", "w4"});
  CHECK(names("w[y:B]") == Words{"wy", "wz", "wA", "wB"});
  for (const char* bad : {"w[1:", "w[1]", "w[3:1]", "w[01:100]", "w[a:2]", "w[1:3:0]", "w[1:]", "w[1:51]"}) {
    INFO(bad);
    CHECK(names(bad) == Words{"ERROR"});
  }
}

TEST_CASE("a port behind a host is told from an address") {
  auto told = [](std::string_view word) {
    auto hosts = inventoryHosts(word, 10);
    return hosts ? hosts->names.front() + " " + hosts->port : "ERROR";
  };
  CHECK(told("web1:2222") == "web1 2222");
  CHECK(told("web[1:2]:22") == "web1 22");
  CHECK(told("[2001:db8::1]:22") == "2001:db8::1 22");
  CHECK(told("2001:db8::1") == "2001:db8::1 ");
  CHECK(told("web[1:2]") == "web1 ");
}

TEST_CASE("a group has its hosts, with what is known of how to log in") {
  Inventory inventory(kExample);
  CHECK(inventory.group("web") ==
        "deploy@web01.example.com:22,deploy@web02.example.com:2222,deploy@web03.example.com:22");
  CHECK(inventory.group("db") == "dba@10.0.0.1:22,dba@10.0.0.1:22,jane.doe@192.0.2.50:5555");
  CHECK(inventory.group("lan") == "everyone@box:2200,everyone@[fe80::1]:2201,me@quoted");
  CHECK(inventory.group("ungrouped") == "everyone@mail.example.com");
}

TEST_CASE("a value of a child's counts more than one of its parent's") {
  Inventory inventory(
      "[b]\nx\n[a:children]\nb\n[a:vars]\nansible_user=a\nansible_port=1\n[b:vars]\nansible_user=b\n"
      "[all:vars]\nansible_port=9\nansible_host=h\n");
  CHECK(inventory.group("b") == "b@h:1");
  CHECK(inventory.group("all") == "b@h:1");
}

TEST_CASE("groups are of children too, each host once, and some groups are always there") {
  Inventory inventory("alone\n[a]\nx\n[b]\nx\ny\n[c:children]\na\nb\n[d:children]\nc\na\n[empty]\n");
  CHECK(inventory.group("d") == "x,y");
  CHECK(inventory.group("all") == "alone,x,y");
  CHECK(inventory.group("ungrouped") == "alone");
  CHECK(inventory.group("empty").empty());
  CHECK(inventory.group("nowhere") == "none");
  CHECK(*ansibleGroups(inventory.file)->names() == Words{"all", "ungrouped", "a", "b", "c", "d", "empty"});
  CHECK(*ansibleGroups(inventory.file)->all() == "alone,x,y");
}

TEST_CASE("what is wrong with an inventory is told with its line") {
  auto fault = [](std::string_view text) { return Inventory(text).group("all"); };
  CHECK(fault("web1\n[a:children]\nb\n") == "ERROR hosts:3: [a:children] names b, which is no group");
  CHECK(fault("[a:vars]\nx=1\n") == "ERROR hosts:1: [a:vars] is about a group that is not there");
  CHECK(fault("[a:kids]\n").starts_with("ERROR hosts:1: a section [a:kids] is unknown"));
  CHECK(fault("[a b]\nweb1\n").starts_with("ERROR hosts:1: a section is [group]"));
  CHECK(fault("web1 up\n") == "ERROR hosts:1: expected name=value after the host, found 'up'");
  CHECK(fault("web1 ansible_port=ssh\n") == "ERROR hosts:1: ansible_port='ssh' is no port");
  CHECK(fault("[a]\n[a:vars]\nansible_user={{ me }}\n").starts_with("ERROR hosts:3: ansible_user='{{ me }}' is a tem"));
  CHECK(fault("web1 ansible_user='jane doe'\n") == "ERROR hosts:1: ansible_user='jane doe' is no user");
  CHECK(fault("web1,web2\n") == "ERROR hosts:1: 'web1,web2' is no name of a host");
  CHECK(fault("w[1:999999]\n") == "ERROR hosts:1: 'w[1:999999]': these are more than 250000 hosts");
}

TEST_CASE("a circle of groups is named") {
  Inventory inventory("[a:children]\nb\n[b:children]\nc\n[c:children]\nb\n");
  CHECK(inventory.group("a") == "ERROR hosts: groups are children of each other in a circle: b > c > b");
}

TEST_CASE("an inventory in another format is told how to be read") {
  CHECK(Inventory("all: {}\n", "hosts.yml").group("a").starts_with("ERROR hosts.yml is YAML, not INI. Next: have Ans"));
  CHECK(Inventory("---\nall:\n").group("a").starts_with("ERROR hosts is YAML"));
  CHECK(Inventory("#!/bin/sh\necho\n").group("a").starts_with("ERROR hosts is a program"));
  CHECK(Inventory(" {}\n").group("a").starts_with("ERROR hosts is JSON"));
  CHECK(ansibleGroups("/nonexistent/hosts")->all().error().starts_with("cannot read /nonexistent/hosts: No such"));
}

TEST_CASE("a folder of inventories is one") {
  Inventory inventory("[a]\nx\n", "1");
  inventory.folder.write("2", "[b:children]\na\n[b]\ny\n");
  inventory.folder.write("3.ini", "[c]\nz\n");
  inventory.folder.makeFolder("group_vars");
  inventory.folder.write("group_vars/a.yml", "---\n");
  auto groups = ansibleGroups(inventory.folder.path());
  CHECK(**groups->group("b") == "y,x");
  CHECK_FALSE(*groups->group("c"));
}

TEST_CASE("variables in files beside an inventory count more than its own") {
  Inventory inventory("[web]\nw1 ansible_user=own ansible_port=1\nw2\n[all:vars]\nansible_user=all\n");
  inventory.folder.makeFolder("group_vars");
  inventory.folder.makeFolder("host_vars");
  inventory.folder.makeFolder("group_vars/web");
  inventory.folder.write("group_vars/web/main.yml", "---\nx:\n  ansible_user: no\nansible_user : \"web\" # they\n");
  inventory.folder.write("group_vars/web/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3\n");
  inventory.folder.write("group_vars/web.yml", "ansible_user: passed over\n");
  inventory.folder.write("group_vars/all", "ansible_port: 22\n");
  inventory.folder.write("group_vars/other.yml", "ansible_port: x\n");
  inventory.folder.write("host_vars/w1.yaml", "ansible_host: 10.0.0.1  # there\n");
  CHECK(inventory.group("web") == "own@10.0.0.1:1,web@w2:22");
  inventory.folder.write("group_vars/all", "a: 1\nansible_port: '{{ port }}'\n");
  CHECK(inventory.group("web") ==
        "ERROR group_vars/all:2: ansible_port='{{ port }}' is a template, which only Ansible can fill in");
}

// Prints a line `group target…` for each group, as Ansible has them.
const char* const kAskAnsible = R"(ansible-inventory -i "$1" --list 2>/dev/null | python3 -c '
import json, sys
told = json.load(sys.stdin)
known = told["_meta"]["hostvars"]
def target(host):
    var = known.get(host, {})
    address = str(var.get("ansible_host", host))
    port = str(var.get("ansible_port", ""))
    if port: address = ("[" + address + "]" if ":" in address else address) + ":" + port
    return (str(var["ansible_user"]) + "@" if "ansible_user" in var else "") + address
def hosts(group):
    below = told.get(group, {})
    return set(below.get("hosts", [])).union(*(hosts(child) for child in below.get("children", [])))
for group in sorted(set(told) - {"_meta"}): print(group, *sorted(map(target, hosts(group))))')";

std::string saidByAnsible(const std::string& inventory) {
  FILE* pipe = popen(("sh " + inventory + ".sh " + inventory).c_str(), "re");
  std::string text;
  char part[4096];
  while (size_t count = fread(part, 1, sizeof part, pipe)) text.append(part, count);
  pclose(pipe);
  return text;
}

TEST_CASE("Ansible itself takes an inventory for the same") {
  if (access("/usr/bin/ansible-inventory", X_OK) != 0) SKIP("there is no ansible-inventory");
  std::string text = kExample;
  for (size_t old = text.find("_ssh_"); old != text.npos; old = text.find("_ssh_")) text.erase(old, 4);
  Inventory inventory(text);
  inventory.folder.write("hosts.sh", kAskAnsible);
  inventory.folder.makeFolder("group_vars");
  inventory.folder.makeFolder("host_vars");
  inventory.folder.write("group_vars/all.yml", "ansible_port: 23\n");
  inventory.folder.write("group_vars/lan.yml", "ansible_user: lan\n");
  inventory.folder.write("host_vars/box", "ansible_host: box.lan\nansible_port: 2300\n");
  auto groups = ansibleGroups(inventory.file);
  std::string ours;
  auto names = *groups->names();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    std::string hosts = **groups->group(name);
    if (hosts.empty()) continue;
    Words targets;
    for (size_t begin = 0; begin <= hosts.size();) {
      size_t end = std::min(hosts.find(',', begin), hosts.size());
      targets.push_back(hosts.substr(begin, end - begin));
      begin = end + 1;
    }
    std::sort(targets.begin(), targets.end());
    ours += name;
    for (const std::string& target : targets) ours += " " + target;
    ours += "\n";
  }
  CHECK(ours == saidByAnsible(inventory.file));
}

}  // namespace
}  // namespace cbs::cli
