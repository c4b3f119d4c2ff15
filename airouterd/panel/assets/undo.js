// Deletes in two steps: off at once, gone ten seconds later, so that it can be taken back.
import {complain, say} from './shell.js';

const pending = new Set();

// `now` and `later` are calls of the API, `back` undoes `now`; `changed` is called after each.
export async function deleteSlowly(text, {now, later, back, changed}) {
  try {
    await now();
  } catch (error) {
    return complain(error);
  }
  changed();
  const finish = async (isLeft) => {
    if (!pending.delete(finish)) return;
    clearTimeout(timer);
    try {
      await later();
    } catch (error) {
      if (!isLeft) complain(error);
    }
    if (!isLeft) changed();
  };
  const timer = setTimeout(finish, 10_000, false);
  pending.add(finish);
  return say(text, {
    undo: async () => {
      if (!pending.delete(finish)) return;
      clearTimeout(timer);
      try {
        await back();
      } catch (error) {
        complain(error);
      }
      changed();
    },
  });
}

for (const end of ['pagehide', 'logout'])
  window.addEventListener(end, () => {
    for (const finish of [...pending]) finish(true);
  });
