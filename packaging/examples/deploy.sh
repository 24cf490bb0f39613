#!/bin/sh
# A rolling deployment: puts a release on the hosts of a group, some at a time, and takes it back where it does not
# work.
#
#   deploy.sh RELEASE.tar.gz [HOSTS]     HOSTS: a node set such as 'web[01-20]!web07'; without, the group @web
#
# On a host, ROOT/current is a link to the release in use, ROOT/releases/NAME, and ROOT/previous to the one before. A
# release is taken for good if its program `check` says so, or if it has none. Needs jq.
#
#   DEPLOY_ROOT    where it goes on the hosts; /srv/app
#   DEPLOY_BATCH   how many hosts at a time; 10%
#   DEPLOY_KEEP    how many old releases stay; 5
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ ! -f "$1" ]; then
  echo 'usage: deploy.sh RELEASE.tar.gz [HOSTS]' >&2
  exit 2
fi
archive=$1
hosts=${2-@web}
root=${DEPLOY_ROOT-/srv/app}
name=$(basename "$archive" .tar.gz)

report=$(mktemp)
trap 'rm -f "$report"' EXIT
# Ctrl-C ends what runs on the hosts, and then comes what comes after any other failure.
trap : INT

say() { echo "deploy: $*" >&2; }

# What runs on the hosts. `sh -c SCRIPT NAME ARGUMENT...` keeps the arguments apart from the code: cbsession quotes each
# of its words for the remote shell, so that nothing in them is taken for more than text.
# shellcheck disable=SC2016
install='
  set -eu
  cd "$1"
  if [ ! -d "releases/$2" ]; then
    new=$(mktemp -d releases/.new-XXXXXX)
    chmod 755 "$new"
    tar -xzf "incoming/$2.tar.gz" -C "$new"
    mv -T "$new" "releases/$2"
  fi
  old=$(readlink current || true)
  if [ "$old" != "releases/$2" ] && [ -n "$old" ]; then ln -sfn "$old" previous; fi
  ln -sfn "releases/$2" current.new
  mv -T current.new current
  if [ -x current/check ]; then current/check; fi'
# shellcheck disable=SC2016
take_back='
  cd "$1" || exit
  if [ "$(readlink current)" = "releases/$2" ] && [ -L previous ]; then mv -T previous current; fi'
# shellcheck disable=SC2016
tidy='
  cd "$1/releases" || exit
  rm -f ../incoming/*
  ls -t | tail -n "+$(($2 + 1))" | while read -r old; do
    case $(readlink ../current) in "releases/$old") ;; *) rm -rf -- "./$old" ;; esac
  done'

# 1. Whoever cannot be reached is found out before anything has changed. The archive goes to many hosts at once, and
#    gets its name there when it is whole.
all=$(cbsession nodes "$hosts")
say "$name to $(cbsession nodes --count "$hosts") hosts: $all"
cbsession exec --timeout 1m "$hosts" -- mkdir -p "$root/incoming" "$root/releases"
cbsession upload "$archive" "$hosts:$root/incoming/"

# 2. Some hosts at a time; with the first failure no further ones begin. Progress and the summary go to standard error,
#    the report to a file.
status=0
cbsession exec --batch "${DEPLOY_BATCH-10%}" --fail-fast --timeout 5m --deadline 1h --output json "$hosts" -- \
  sh -c "$install" install "$root" "$name" >"$report" || status=$?

# 3. If it went wrong somewhere: what these hosts said, and back to the release before wherever the new one may be.
if [ $status != 0 ]; then
  [ -s "$report" ] || exit $status # nothing has come of it at all, and cbsession has said why
  jq -r '.results[] | select(.status != 0 and .state != "notSent") | "\(.target): \(.stdout)\(.stderr)"' "$report" >&2
  begun=$(jq -r '.results[] | select(.state != "notSent").target' "$report" | cbsession nodes -)
  if [ -n "$begun" ]; then
    say "taking it back on $begun"
    cbsession exec --timeout 1m "$begun" -- sh -c "$take_back" take_back "$root" "$name" || true
  fi
  say "$name failed"
  exit $status
fi

# 4. What nobody needs to wait for is a job: it is tried again where a host cannot be reached now. (Here it is waited
#    for, to show how; left alone, `cbsession jobs` tells of it.)
ids=$(cbsession submit --name tidy --retries 5 --deadline 1d "$hosts" -- sh -c "$tidy" tidy "$root" "${DEPLOY_KEEP-5}")
# shellcheck disable=SC2086  # an id a line
cbsession wait $ids
say "$name is in use"
