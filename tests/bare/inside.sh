#!/usr/bin/env bash
# The first process of a machine: gives it its file systems, runs a command in it, and looks for what that left running.
# Mounts and processes are the namespaces', and go with this process. For `enter` of machine.sh only.
# usage: inside.sh MACHINE "FROM:TO[:ro]..." COMMAND [ARGUMENT...]
set -euo pipefail
machine=$1
loans=$2
shift 2

mount -t proc proc "$machine/proc"
mount -t tmpfs -o mode=755 devices "$machine/dev"
mkdir "$machine/dev/shm" "$machine/dev/pts"
mount -t tmpfs -o mode=1777 memory "$machine/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666 terminals "$machine/dev/pts"
for device in null zero full random urandom tty; do
  touch "$machine/dev/$device"
  mount --bind "/dev/$device" "$machine/dev/$device"
done
ln -s pts/ptmx "$machine/dev/ptmx"
ln -s /proc/self/fd "$machine/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do
  ln -s "/proc/self/fd/${number%%:*}" "$machine/dev/${number#*:}"
done
for loan in $loans; do
  IFS=: read -r from to mode <<< "$loan"
  mkdir -p "$from" "$machine$to"
  mount --bind "$from" "$machine$to"
  if [[ $mode == ro ]]; then mount -o remount,bind,ro "$machine$to"; fi
done

result=0
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
  chroot "$machine" "$@" || result=$?

# Processes that nobody waited for belong to this one.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  left=()
  for process in "$machine"/proc/[0-9]*; do
    number=${process##*/}
    if (( number != $$ )) && [[ -r $process/cmdline ]]; then
      command=$(tr '\0' ' ' < "$process/cmdline" 2> /dev/null || true)
      if [[ -n $command ]]; then left+=("$number $command"); fi
    fi
  done
  (( ${#left[@]} > 0 )) || break
  sleep 0.5
done
if (( ${#left[@]} > 0 )); then
  printf 'still running afterwards: %s\n' "${left[@]}"
  if (( result == 0 )); then result=1; fi
fi
exit $result
