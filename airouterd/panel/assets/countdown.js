// Text that counts down to a moment, all of it by one timer.
import {seconds} from './format.js';

const counting = new Map();
let timer = 0;

function tick() {
  for (const [element, count] of counting) {
    // What is not shown for two ticks was replaced, perhaps before it ever was.
    count.missed = element.isConnected ? 0 : count.missed + 1;
    if (count.missed > 1) counting.delete(element);
    else count.write(element, (count.until - Date.now()) / 1000);
  }
  if (counting.size === 0) {
    clearInterval(timer);
    timer = 0;
  }
}

// `write(element, seconds left)` is called at once and every second.
export function countDown(
  element,
  secondsLeft,
  write = (place, left) => {
    place.textContent = seconds(left);
  },
) {
  const until = Date.now() + secondsLeft * 1000;
  counting.set(element, {until, write, missed: 0});
  write(element, secondsLeft);
  timer ||= setInterval(tick, 1000);
  return element;
}
