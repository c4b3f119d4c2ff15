// Text that counts down to a moment, all of it by one timer.
import {seconds} from './format.js';

const counting = new Map();
let timer = 0;

function tick() {
  for (const [element, {until, write}] of counting) {
    const left = (until - Date.now()) / 1000;
    if (!element.isConnected && element.dataset.wasShown) counting.delete(element);
    else write(element, left);
    if (element.isConnected) element.dataset.wasShown = 'yes';
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
  counting.set(element, {until, write});
  write(element, secondsLeft);
  timer ||= setInterval(tick, 1000);
  return element;
}
