// Text that counts down to a moment, all of it by one timer.
const counting = new Map();
let timer = 0;

// What was replaced counts no more; what is new may wait for its place.
const placedWithin = 2000;

function tick() {
  const now = Date.now();
  for (const [element, {until, begun, write}] of counting) {
    if (element.isConnected) write(element, (until - now) / 1000);
    else if (now - begun > placedWithin) counting.delete(element);
  }
  if (counting.size === 0) {
    clearInterval(timer);
    timer = 0;
  }
}

// `write(element, seconds left)` is called at once and a few times a second, so that each second is seen as long as the others.
export function countDown(element, secondsLeft, write) {
  const begun = Date.now();
  counting.set(element, {until: begun + secondsLeft * 1000, begun, write});
  write(element, secondsLeft);
  timer ||= setInterval(tick, 200);
  return element;
}
