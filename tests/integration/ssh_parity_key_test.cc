// As ssh does: which key of which file. Each case is run by both and held against what is written here.
#include "tests/integration/key_ground.h"

namespace cbs::test {
namespace {

const Refusal kRefused{242, "Permission denied (publickey)", "accepted none of our keys"};
const Refusal kNoKey{242, "Permission denied (publickey)", "key"};

const std::vector<ParityCase> kFiles = {
    {.name = "the first IdentityFile is offered first",
     .config = "Host files-ab\n IdentityFile {a-file}\n IdentityFile {b-file}",
     .target = "files-ab",
     .outcome = with("a")},
    {.name = "… whichever it is",
     .config = "Host files-ba\n IdentityFile {b-file}\n IdentityFile {a-file}",
     .target = "files-ba",
     .outcome = with("b")},
    {.name = "a key that the server does not want is followed by the next",
     .config = "Host files-second\n IdentityFile {stranger-file}\n IdentityFile {b-file}",
     .target = "files-second",
     .outcome = with("b")},
    {.name = "the default files are tried in ssh's order when none is named",
     .config = "",  // the only one that is spared IdentityFile none
     .target = "default-files",
     .outcome = with("default-ecdsa")},
    {.name = "an ECDSA key logs in",
     .config = "Host ecdsa\n IdentityFile {ecdsa-file}",
     .target = "ecdsa",
     .outcome = with("ecdsa")},
    {.name = "an RSA key logs in, with SHA-2",
     .config = "Host rsa\n IdentityFile {rsa-file}",
     .target = "rsa",
     .outcome = with("rsa")},
    {.name = "a key in the old PEM format logs in",
     .config = "Host pem\n IdentityFile {pem-file}",
     .target = "pem",
     .outcome = with("pem")},
    {.name = "a path with a blank in it stands in quotes",
     .config = "Host blank\n IdentityFile \"~/.ssh/a blank\"",
     .target = "blank",
     .outcome = with("tilde")},
    {.name = "~ in IdentityFile is the account's home folder",
     .config = "Host tilde\n IdentityFile ~/.ssh/tilde",
     .target = "tilde",
     .outcome = with("tilde")},
    {.name = "~NAME in IdentityFile is that account's home folder",
     .config = "Host tilde-name\n IdentityFile ~{me}/.ssh/tilde",
     .target = "tilde-name",
     .outcome = with("tilde")},
    {.name = "tokens in IdentityFile are expanded",
     .config = "Host tokens\n IdentityFile %d/.ssh/%n-%r-%p",
     .target = "tokens",
     .outcome = with("tokens")},
    {.name = "a variable in IdentityFile is expanded",
     .config = "Host variable\n IdentityFile ${HOME}/.ssh/tilde",
     .target = "variable",
     .outcome = with("tilde")},
    {.name = "an encrypted key that no agent has is refused",
     .config = "Host encrypted\n IdentityFile {encrypted-file}",
     .target = "encrypted",
     .outcome = kNoKey},
    {.name = "an encrypted key is passed over for the next",
     .config = "Host encrypted-first\n IdentityFile {encrypted-file}\n IdentityFile {a-file}",
     .target = "encrypted-first",
     .outcome = with("a")},
    {.name = "a key file that others can read is refused",
     .config = "Host open-file\n IdentityFile {open-file}",
     .target = "open-file",
     .outcome = Refusal{242, "UNPROTECTED PRIVATE KEY FILE", "{open-file}"}},
    {.name = "… and passed over for the next",
     .config = "Host open-first\n IdentityFile {open-file}\n IdentityFile {a-file}",
     .target = "open-first",
     .outcome = with("a")},
    {.name = "a folder in place of a key file is refused",
     .config = "Host folder-file\n IdentityFile {home}",
     .target = "folder-file",
     .outcome = kNoKey},
    {.name = "a missing key file is refused",
     .config = "Host missing\n IdentityFile {home}/missing",
     .target = "missing",
     .outcome = kNoKey},
    {.name = "a missing key file is passed over for the next",
     .config = "Host missing-first\n IdentityFile {home}/missing\n IdentityFile {a-file}",
     .target = "missing-first",
     .outcome = with("a")},
    {.name = "an account that the server does not know is refused",
     .config = "Host wrong-user\n User nobody-of-that-name\n IdentityFile {a-file}",
     .target = "wrong-user",
     .outcome = kRefused},
};

const std::vector<ParityCase> kMethods = {
    {.name = "PubkeyAcceptedAlgorithms keeps the other types back",
     .config =
         "Host accepted\n IdentityFile {ecdsa-file}\n IdentityFile {a-file}\n PubkeyAcceptedAlgorithms ssh-ed25519",
     .target = "accepted",
     .outcome = with("a")},
    {.name = "PubkeyAcceptedAlgorithms may take one away",
     .config = "Host accepted-but\n IdentityFile {a-file}\n IdentityFile {ecdsa-file}\n"
               " PubkeyAcceptedAlgorithms -ssh-ed25519",
     .target = "accepted-but",
     .outcome = with("ecdsa")},
    {.name = "PubkeyAcceptedAlgorithms chooses how an RSA key signs",
     .config = "Host accepted-rsa\n IdentityFile {rsa-file}\n PubkeyAcceptedAlgorithms rsa-sha2-256",
     .target = "accepted-rsa",
     .outcome = with("rsa")},
    {.name = "PubkeyAcceptedAlgorithms holds for the agent's keys",
     .config = "Host accepted-agent\n IdentityFile {ecdsa-file}\n PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256",
     .target = "accepted-agent",
     .outcome = with("ecdsa"),
     .environment = agentAt("{agent-b}")},
    {.name = "PubkeyAcceptedAlgorithms that fits no key is refused",
     .config = "Host accepted-none\n IdentityFile {a-file}\n PubkeyAcceptedAlgorithms rsa-sha2-512",
     .target = "accepted-none",
     .outcome = Refusal{242, "Permission denied (publickey)", ""}},
    {.name = "RequiredRSASize keeps shorter keys back",
     .config = "Host short-rsa\n IdentityFile {rsa-file}\n IdentityFile {a-file}\n RequiredRSASize 3072",
     .target = "short-rsa",
     .outcome = with("a")},
    {.name = "PubkeyAuthentication no offers no key",
     .config = "Host no-pubkey\n IdentityFile {a-file}\n PubkeyAuthentication no",
     .target = "no-pubkey",
     .outcome = Refusal{242, "Permission denied (publickey)", ""}},
    {.name = "PreferredAuthentications without publickey offers no key",
     .config = "Host preferred-other\n IdentityFile {a-file}\n PreferredAuthentications password,keyboard-interactive",
     .target = "preferred-other",
     .outcome = Refusal{242, "Permission denied (publickey)", ""}},
    {.name = "PreferredAuthentications with publickey at its end offers the key",
     .config = "Host preferred\n IdentityFile {a-file}\n PreferredAuthentications keyboard-interactive,publickey",
     .target = "preferred",
     .outcome = with("a")},
};

TEST_CASE("as ssh does: key files", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  KeyGround ground;
  for (const char* name : {"tilde", "tokens", "default-ed25519"}) ground.letIn(name);
  ground.letIn("pem", "ecdsa", "", {"-m", "PEM"});
  ground.letIn("default-ecdsa", "ecdsa");
  ground.placeInHome("tilde", "tilde");
  ground.placeInHome("tilde", "a blank");
  ground.placeInHome("tokens", "tokens-" + ground.sshd.user() + "-" + std::to_string(ground.sshd.port()));
  ground.placeInHome("default-ed25519", "id_ed25519");
  ground.placeInHome("default-ecdsa", "id_ecdsa");
  checkParity(ground.matrix, kFiles, KeyGround::kCommon);
}

TEST_CASE("as ssh does: ways of logging in", "[parity]") {
  if (!canReplaceHome()) SKIP("needs a mount namespace");
  KeyGround ground;
  SshAgent b;
  ground.fill("b", b, {"b"});
  checkParity(ground.matrix, kMethods, KeyGround::kCommon);
}

}  // namespace
}  // namespace cbs::test
