// Keys to move about, and pages that renew themselves. Everything works without.
"use strict";
(() => {
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]") !== null;
  const places = { a: "/", i: "/identity", s: "/search", o: "/sources", d: "/delivery" };
  let waiting = false; // for the letter after g

  const links = () => [...document.querySelectorAll("[data-keys] > li, [data-keys] tbody > tr")].map((row) => row.querySelector("a")).filter(Boolean);
  const step = (by) => {
    const all = links();
    if (all.length === 0) return;
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (typing(e)) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (waiting) {
      waiting = false;
      if (places[e.key]) location.assign(places[e.key]);
      return;
    }
    switch (e.key) {
      case "g": waiting = true; setTimeout(() => { waiting = false; }, 1500); return;
      case "j": step(1); break;
      case "k": step(-1); break;
      case "a": document.querySelector("[data-key=a]")?.focus(); break;
      case "/": document.getElementById("find")?.focus(); break;
      case "?": location.assign("/help"); break;
      default: return;
    }
    e.preventDefault();
  });

  const seconds = Number(document.body.dataset.refresh || 0);
  if (seconds > 0) setInterval(async () => {
    const live = document.getElementById("live");
    if (!live || document.hidden || live.contains(document.activeElement)) return; // nobody looks, or somebody is at it
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.getElementById("live");
      if (part) live.replaceWith(document.adoptNode(part));
      const health = fresh.querySelector(".health"), old = document.querySelector(".health");
      if (health && old) old.replaceWith(document.adoptNode(health));
    } catch { /* the console is away: the page stays as it is */ }
  }, seconds * 1000);
})();
