"""The style of the page: the palette of the design system of Italian public bodies, light, dark, paper."""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """\
:root { color-scheme: light dark;
  --blue: light-dark(#0066cc, #66b0ff); --blue-deep: light-dark(#003366, #b8daff);
  --page: light-dark(#f4f7fa, #0b1622); --surface: light-dark(#ffffff, #12202f);
  --sunk: light-dark(#ebf0f5, #1c2d40); --line: light-dark(#d5dee8, #2a3f57);
  --ink: light-dark(#17324d, #e9f0f7); --soft: light-dark(#47617a, #a9bccf);
  --head: light-dark(#0066cc, #0d2a4a); --slim: light-dark(#004d99, #071a2f);
  --ok: light-dark(#006b47, #5fd0a0); --alarm: light-dark(#b3142e, #ff9aa8);
  --alarm-soft: light-dark(#fde8eb, #451722); --watch: light-dark(#8a4b00, #ffc266);
  --watch-soft: light-dark(#fff1da, #3a2a0e); --watch-mark: light-dark(#d98a1f, #ffb340); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font-variant-numeric: tabular-nums;
  font: 1rem/1.45 "Titillium Web", Titillium, system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
header { background: var(--head); color: #fff; }
header .body { background: var(--slim); margin: 0; font-size: .875rem; font-weight: 600; }
header div, header span { display: block; max-width: 84rem; margin: 0 auto; }
header div { padding: 1.3rem 1.25rem 1.5rem; }
header span { padding: .4rem 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; }
.period { margin: .35rem 0 0; }
main { max-width: 84rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; }
section, figure { background: var(--surface); border: 1px solid var(--line); border-radius: 6px;
  padding: 1.1rem 1.25rem; margin: 0 0 1.25rem; }
section figure { border: 0; padding: 0; margin: 0 0 1.25rem; }
figcaption { font-weight: 600; color: var(--soft); font-size: .9rem; margin-bottom: .35rem; }
.cards { list-style: none; margin: 0 0 1.25rem; padding: 0; display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(11.2rem, 1fr)); }
.cards li { background: var(--surface); border: 1px solid var(--line); border-top: 4px solid var(--blue);
  border-radius: 6px; padding: .8rem 1rem; display: flex; flex-direction: column; }
.cards .good { border-top-color: var(--ok); } .cards .bad { border-top-color: var(--alarm); }
.what { font-weight: 600; color: var(--soft); font-size: .9rem; }
.number { font-size: 2rem; line-height: 1.25; font-weight: 700; }
.told { font-size: .82rem; color: var(--soft); }
.goal { font-size: .85rem; font-weight: 600; margin-top: .3rem; }
.good .goal { color: var(--ok); } .bad .goal { color: var(--alarm); }
.emergencies { border-left: 5px solid var(--watch-mark); background: var(--watch-soft); }
.emergencies p { margin: 0 0 .6rem; }
.wide { overflow-x: auto; } .wide:focus-visible, summary:focus-visible { outline: 3px solid #ff9900; }
.wide > svg { display: block; width: 100%; min-width: 40rem; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .84rem; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; border-bottom: 2px solid var(--soft);
  vertical-align: bottom; }
tbody th { font-weight: 600; } .tight tbody th { white-space: nowrap; }
tbody tr:hover { background: var(--sunk); }
.n { text-align: right; } td.n { white-space: nowrap; }
.no { color: var(--alarm); font-weight: 600; text-align: right; }
.whole th, .whole td { border-top: 2px solid var(--soft); font-weight: 700; }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
summary { cursor: pointer; font-weight: 600; color: var(--blue); padding: .3rem 0; }
.keys { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .4rem 0 0; padding: 0;
  font-size: .82rem; color: var(--soft); }
.key { width: 24px; height: 12px; margin-right: .4rem; vertical-align: -1px; }
.notes { background: none; border: 0; padding: .5rem 0; color: var(--soft); font-size: .875rem; }
.notes ul { padding-left: 1.1rem; margin: 0; max-width: 60rem; } .notes li { margin-bottom: .35rem; }
svg text { font: 12px "Titillium Web", system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
.tick { fill: var(--soft); } .name, .value { fill: var(--ink); font-size: 13px; } .value { font-weight: 600; }
.grid { stroke: var(--line); fill: none; }
.s-agents { fill: light-dark(#0066cc, #4d9fec); } .s-offices { fill: light-dark(#66b2b2, #2f8f8f); }
.s-unanswered { fill: light-dark(#f3d3d8, #5c2530); stroke: var(--alarm); stroke-width: .8; }
.s-raw { fill: none; stroke: var(--blue); stroke-width: 2.2; } .s-raw-dot { fill: var(--blue); }
.s-rebased { fill: none; stroke: var(--watch-mark); stroke-width: 2; stroke-dasharray: 6 4; }
.s-rebased-dot { fill: var(--watch-mark); }
.s-goal { fill: none; stroke: var(--ink); stroke-width: 1.6; stroke-dasharray: 2 2; }
.s-rebased-goal { fill: none; stroke: var(--watch); stroke-width: 1.8; stroke-dasharray: 2 2; }
.s-goal-mark { fill: var(--ink); } .s-emergency { fill: var(--watch-soft); }
.s-track { fill: var(--sunk); } .s-raw-bar { fill: var(--blue); } .s-missed { fill: var(--alarm); }
.s-rebased-bar { fill: var(--watch-mark); }
.s-heat { fill: light-dark(#004d99, #66b0ff); } .s-hatch { fill: var(--alarm); fill-opacity: .6; }
@media (forced-colors: active) { rect, path, circle { forced-color-adjust: none; } }
@media print { :root { color-scheme: light; } body { background: #fff; font-size: 10pt; }
  header, header .body { background: none; color: inherit; border-bottom: 1px solid; }
  header div, header span { padding-inline: 0; } main { padding: 1rem 0; max-width: none; }
  section, figure { border: 0; padding: 0; break-inside: auto; }
  figure, tr, .cards li { break-inside: avoid; }
  .wide { overflow: visible; } }
"""
