# To be sourced: bare machines. Each is a folder below build/bare with Debian's minimal installation in it: no compiler, no
# curl, no locale, no sudo. It has its apt settings (mirror, proxies, certificates) from the machine that it runs on.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$project/build/bare
clone_in_machine=/root/airouter  # where a machine has the project

skip() {
  echo "skipped: $*"
  exit 77
}

# What Debian calls a release, by that name or by its number.
suite_of() {
  case "$1" in
    12) echo bookworm ;;
    13) echo trixie ;;
    *[!a-z]* | '') echo "there is no Debian '$1'" >&2; return 1 ;;
    *) echo "$1" ;;
  esac
}

# What machines need whatever is done with them.
require_machines() {
  (( EUID == 0 )) || skip "a chroot needs root"
  unshare --mount --pid --fork true 2> /dev/null || skip "this system allows no namespaces of mounts and processes"
  mkdir -p "$cache"
  chmod 700 "$cache"  # proxies may have passwords
}

# One at a time works on one thing that is kept of a suite, until it ends or unlocks. usage: lock SUITE THING; unlock
lock() {
  mkdir -p "$cache/$1"
  exec {lock_fd}> "$cache/$1/$2.lock"
  flock "$lock_fd"
}

unlock() { exec {lock_fd}>&-; }

# Where this machine's apt has Debian from. usage: mirror_of LABEL     Debian or Debian-Security
mirror_of() {
  command -v apt-get > /dev/null || return 0
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    sed -n "s/^Debian|$1|//p" | head -n 1
}

# Sets mirror and, for what debootstrap downloads, the proxies. usage: require_mirror SUITE
require_mirror() {
  mirror=${AIROUTER_DEBIAN_MIRROR:-$(mirror_of Debian)}
  [[ -n $mirror ]] || skip "apt knows no mirror of Debian; AIROUTER_DEBIAN_MIRROR can name one"
  command -v wget > /dev/null || skip "wget, which debootstrap needs, is not installed"
  local scheme proxy
  for scheme in http https; do
    proxy=$(apt-config dump "Acquire::$scheme::Proxy" 2> /dev/null | sed -nE 's/^[^ ]+ "(.*)";$/\1/p' | head -n 1)
    if [[ -n $proxy && $proxy != DIRECT ]]; then export "${scheme}_proxy=$proxy"; fi
  done
  wget --quiet --spider --timeout 15 --tries 2 "${mirror%/}/dists/$1/InRelease" ||
    skip "the mirror of Debian cannot be reached, or has no '$1'"
}

# The apt settings of this machine that say how to reach a mirror. usage: hand_over_settings MACHINE SUITE
hand_over_settings() {
  local machine=$1 suite=$2 security scheme variable certificate
  {
    apt-config dump 2> /dev/null | grep -E '^Acquire::(https?(::|-)|Check-|Retries|ForceIPv)' | grep -v 'Auto-\?Detect' || true
    for scheme in http https; do
      variable=${scheme}_proxy
      if [[ -n ${!variable:-} ]]; then echo "Acquire::$scheme::Proxy \"${!variable}\";"; fi
    done
  } > "$machine/etc/apt/apt.conf.d/90machine"
  mkdir -p "$machine/usr/local/share/ca-certificates"
  for certificate in /usr/local/share/ca-certificates/*.crt; do
    if [[ -f $certificate ]]; then cp -L "$certificate" "$machine/usr/local/share/ca-certificates/"; fi
  done
  if [[ $mirror == https:* && -f /etc/ssl/certs/ca-certificates.crt ]]; then
    mkdir -p "$machine/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$machine/etc/ssl/certs/"
  fi
  echo "deb $mirror $suite main" > "$machine/etc/apt/sources.list"
  security=$(mirror_of Debian-Security)
  if [[ -n $security ]] && wget --quiet --spider --timeout 15 --tries 1 "${security%/}/dists/$suite-security/InRelease"; then
    echo "deb $security $suite-security main" >> "$machine/etc/apt/sources.list"
  fi
}

# Makes build/bare/SUITE/pristine.tar.gz, if it is not there. Needs the mirror.
make_pristine() {
  local suite=$1 folder=$cache/$1 lock_fd
  lock "$suite" pristine
  [[ -f $folder/pristine.tar.gz ]] || debootstrap_into "$suite" "$folder"
  unlock
}

debootstrap_into() {
  local suite=$1 folder=$2
  command -v debootstrap > /dev/null || skip "debootstrap is not installed; \`.ci/install-packages bare\` installs it"
  # A release that is newer than debootstrap is made like the newest that it knows.
  local script=/usr/share/debootstrap/scripts/$suite
  [[ -e $script ]] || script=/usr/share/debootstrap/scripts/sid
  rm -rf "$folder/pristine"
  # In a namespace of its own, so that what it mounts goes with it.
  if ! timeout --foreground --signal KILL 900 unshare --mount --pid --fork --kill-child --mount-proc \
    debootstrap --variant=minbase "$suite" "$folder/pristine" "$mirror" "$script" > "$folder/debootstrap.log" 2>&1; then
    if grep -q 'Cannot install into target' "$folder/debootstrap.log"; then skip "$(tail -n 1 "$folder/debootstrap.log")"; fi
    tail -n 20 "$folder/debootstrap.log"
    echo "debootstrap failed; all of its output is in $folder/debootstrap.log"
    return 1
  fi
  rm -rf "$folder/pristine"/var/cache/apt/archives/*.deb
  tar -C "$folder/pristine" -c . | gzip -1 > "$folder/pristine.part"
  mv "$folder/pristine.part" "$folder/pristine.tar.gz"
  rm -rf "$folder/pristine"
}

# A machine as debootstrap leaves it, and nothing of one that was there before. usage: make_machine SUITE MACHINE
make_machine() {
  make_pristine "$1"
  rm -rf "$2"
  mkdir -p "$2"
  tar -C "$2" -xzf "$cache/$1/pristine.tar.gz"
  printf '127.0.0.1 localhost\n::1 localhost\n' > "$2/etc/hosts"
  hand_over_settings "$2" "$1"
}

# Runs a command in a machine, and ends everything that it has started. Folders of this machine can be lent: FROM:TO[:ro].
# usage: enter MACHINE SECONDS "LOAN..." COMMAND [ARGUMENT...]
enter() {
  local machine=$1 seconds=$2 loans=$3 result=0
  shift 3
  cat /etc/resolv.conf > "$machine/etc/resolv.conf"
  timeout --foreground --signal KILL "$seconds" unshare --mount --pid --fork --kill-child --propagation private \
    bash "$project/tests/bare/inside.sh" "$machine" "$loans" "$@" < /dev/null || result=$?
  if (( result == 137 )); then echo "not done after $seconds s, and ended: $*"; fi
  return $result
}
