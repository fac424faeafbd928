"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const { clocks, milestones, words: said } = JSON.parse(at("film").textContent);
  const words = (text) => said[text];
  const last = clocks.length - 1, slider = at("slider"), play = at("play");
  const frames = [...document.querySelectorAll("iframe")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let moment = 0, timer = null;

  function show(wanted) {
    moment = Math.max(0, Math.min(last, wanted));
    slider.value = moment;
    slider.setAttribute("aria-valuetext", clocks[moment]);
    at("clock").textContent = clocks[moment];
    for (const frame of frames) frame.contentWindow?.postMessage(moment, "*");
    for (const button of document.querySelectorAll("[data-moment]")) {
      button.classList.toggle("past", Number(button.dataset.moment) <= moment);
    }
    if (moment === last) pause();
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = words("Play");
  }

  function go(wanted) {
    pause();
    show(wanted);
    at("status").textContent = clocks[moment];
  }

  function event(step) {
    const others = milestones.filter((m) => (step > 0 ? m > moment : m < moment));
    return others.length ? others.at(step > 0 ? 0 : -1) : moment;
  }

  function toggle() {
    if (timer) return pause();
    if (moment === last) show(0);
    play.textContent = words("Pause");
    // who wants less motion sees the events one after the other
    timer = setInterval(() => show(calm.matches ? event(1) : moment + 1), calm.matches ? 2000 : 40000 / last);
  }

  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => go(Number(slider.value)));
  at("back").addEventListener("click", () => go(moment - 1));
  at("on").addEventListener("click", () => go(moment + 1));
  for (const button of document.querySelectorAll("[data-moment]")) {
    button.addEventListener("click", () => go(Number(button.dataset.moment)));
  }
  document.addEventListener("keydown", (pressed) => {
    if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
    const onSlider = pressed.target === slider, does = {
      " ": pressed.target.closest("button") ? null : toggle,
      PageDown: () => go(event(1)), PageUp: () => go(event(-1)),
      ArrowRight: onSlider ? null : () => go(moment + 1), ArrowLeft: onSlider ? null : () => go(moment - 1),
    }[pressed.key];
    if (!does) return;
    pressed.preventDefault();
    does();
  });
  for (const frame of frames) frame.addEventListener("load", () => show(moment));
  show(0);
})();
