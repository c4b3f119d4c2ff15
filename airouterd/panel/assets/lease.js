// One tab of several, where browsers have no locks: on plain http, but for localhost. A note with a date in what tabs share says
// who has it; it is written again every second, and who wrote it last has it.
const validFor = 2500;

// `changed(isOurs)` is called when the lease comes or goes.
export function makeLease(name, changed) {
  const me = `${Date.now()} ${Math.random()}`;
  let isOurs = false,
    timer = 0;
  const set = (value) => {
    if (value === isOurs) return;
    isOurs = value;
    changed(value);
  };
  // Takes it where nobody has it, or in any case; tells whether it is ours.
  const take = (isForced = false) => {
    const {who, until} = JSON.parse(localStorage.getItem(name) ?? '{}');
    const isFree = who === me || isForced || !(until > Date.now());
    if (isFree) localStorage.setItem(name, JSON.stringify({who: me, until: Date.now() + validFor}));
    set(isFree);
    return isFree;
  };
  window.addEventListener('storage', ({key, newValue}) => {
    if (key === name && isOurs) set(JSON.parse(newValue ?? '{}').who === me);
  });
  return {
    take,
    // From now on it is taken whenever it is free.
    keep() {
      clearInterval(timer);
      timer = setInterval(take, 1000, false);
    },
    drop() {
      clearInterval(timer);
      if (isOurs) localStorage.removeItem(name);
      isOurs = false;
    },
  };
}
