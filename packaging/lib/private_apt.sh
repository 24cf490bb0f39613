# shellcheck shell=sh
# Downloads single packages of a Debian suite that this machine does not follow (sourced, not run).
#
# Mirrors, proxies and credentials are those of the machine's own apt configuration; only the name of the suite is
# exchanged. Lists, cache and sources are private to one temporary folder, so nothing under /etc/apt or /var/lib/apt
# changes and no root is needed. Everything is verified by apt against Debian's archive keyring.
#
#   private_apt_open DIR TYPE SUITE   makes DIR ready for packages of SUITE; TYPE is deb or deb-src
#   private_apt DIR COMMAND…          runs apt-get there, in DIR/download
#
# Both explain a failure on stderr and return non-zero.

private_apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Base addresses that carry a suite matching the extended regular expression $1, the likeliest first.
private_apt_mirrors() {
  {
    # Known for certain once `apt-get update` ran: each list says who made it.
    # shellcheck disable=SC2016  # the dollars are apt's
    apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
      sed 's|/* *$||'
    # Without lists (a fresh container image), what an update would ask for. This names other people's archives
    # too; those fail the keyring and are passed over.
    apt-get update --print-uris 2>/dev/null | sed -n "s|^'\(.*\)/dists/\(.*\)/InRelease'.*|\2 \1|p"
  } | awk -v suite="^($1)\$" '$1 ~ suite && !seen[$2]++ { print $2 }'
}

private_apt() { (
  dir=$1
  shift
  cd "$dir/download" && LC_ALL=C exec apt-get -qq -c "$dir/apt.conf" "$@"
); }

# Writes DIR/apt.conf. It is read after the machine's own configuration (so proxies hold) and clears the hooks that
# act on the system's own lists and archives.
private_apt_configure() {
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/download" || return 1
  chmod 755 "$1"
  # apt drops root's rights to _apt for downloads.
  [ "$(id -u)" != 0 ] || chown _apt "$1/download" 2>/dev/null
  cat >"$1/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Default-Release;
Dir::State "$1";
Dir::State::Lists "$1/lists";
Dir::State::Status "/dev/null";
Dir::Cache "$1/cache";
Dir::Etc::SourceList "$1/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
APT::Update::Error-Mode "any";
CONF
}

private_apt_open() {
  dir=$1 type=$2 suite=$3
  case $suite in
    *-security) like='.*-security' ;;
    *) like='bookworm|trixie|stable|oldstable|oldoldstable' ;;
  esac
  case $type in deb) target=Packages ;; *) target=Sources ;; esac

  if [ ! -r "$private_apt_keyring" ]; then
    echo "$private_apt_keyring is missing. Next: apt-get install debian-archive-keyring" >&2
    return 1
  fi
  private_apt_configure "$dir" || return 1
  mirrors=$(private_apt_mirrors "$like")
  if [ -z "$mirrors" ]; then
    case $suite in *-security) what='security archive' ;; *) what='main archive' ;; esac
    echo "apt's sources on this machine name no Debian $what. Next: add it to /etc/apt/sources.list" >&2
    return 1
  fi
  for mirror in $mirrors; do
    echo "$type [target=$target signed-by=$private_apt_keyring] $mirror $suite main" >"$dir/sources.list"
    private_apt "$dir" update >"$dir/log" 2>&1 && return 0
  done
  sed 's/^/  /' "$dir/log" >&2
  if grep -q NO_PUBKEY "$dir/log"; then
    echo "The keyring of this machine is too old for $suite. Next: apt-get update && apt-get install" \
      "debian-archive-keyring, then repeat" >&2
  else
    echo "$suite could not be had from $mirror. Next: check that this machine reaches it" \
      "(apt-get update), then repeat" >&2
  fi
  return 1
}
