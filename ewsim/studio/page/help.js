// A part of the page that is empty so far: `studio.js` says at its top how to fill it.

export function start() {}
