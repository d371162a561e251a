/** The page's style. Colours are variables, so that a dark page and print are two lists of values. */
export const style = `
:root{--page:#f6f6f3;--card:#fff;--line:#deded8;--grid:#e9e9e4;--ink:#1b1d22;--quiet:#595d66;--accent:#0b5cad;--accent-ink:#fff;
--warn:#fff6df;--warn-line:#d9a520;--good:#0a6b4f;--bad:#b3261e;
--c0:#004dc2;--c1:#ff5910;--c2:#04a770;--c3:#c771bf;--c4:#5e3100;--c5:#343466;--c6:#786773;--c7:#73002f;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--page:#131519;--card:#1b1e24;--line:#343941;--grid:#2a2e36;--ink:#eceef2;--quiet:#a5abb6;--accent:#7db8f2;--accent-ink:#10151c;
--warn:#2b2410;--warn-line:#b98b1c;--good:#5fd0a6;--bad:#ff9a8f;
--c0:#1f7ce6;--c1:#de4800;--c2:#bdf7c3;--c3:#b76390;--c4:#ffdf26;--c5:#48c6ff;--c6:#f3e6ff;--c7:#f07d6d}}
@media print{:root{--page:#fff;--card:#fff;--line:#bbb;--grid:#ddd;--ink:#000;--quiet:#444;--accent:#0b5cad;--warn:#fff;--warn-line:#d9a520;--good:#0a6b4f;--bad:#b3261e;
--c0:#004dc2;--c1:#ff5910;--c2:#04a770;--c3:#c771bf;--c4:#5e3100;--c5:#343466;--c6:#786773;--c7:#73002f;color-scheme:light}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:48px}
main>section{margin-top:48px}
h1,h2,h3,p,ul,dl,figure{margin:0}
h1,h2,h3,.conclusion,li,dd,td,th,figcaption{overflow-wrap:anywhere}
.command{color:var(--quiet);font-size:14px;letter-spacing:.02em}
h1{font-size:20px;line-height:1.3;font-weight:600;margin-top:4px}
.conclusion{font-size:clamp(22px,2.6vw,30px);line-height:1.32;font-weight:600;letter-spacing:-.012em;max-width:46ch;margin-top:20px;text-wrap:pretty}
.facts{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:20px;color:var(--quiet);font-size:14px}
.downloads{display:flex;flex-wrap:wrap;gap:8px;margin-top:20px}
.downloads button{font:inherit;font-size:14px;font-weight:500;color:var(--accent);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:7px 14px;cursor:pointer}
.downloads button[hidden]{display:none}
.downloads button:hover{border-color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
h2{font-size:20px;line-height:1.3;font-weight:650;margin-bottom:16px}
h3{font-size:16px;line-height:1.4;font-weight:650}
.note,figcaption p{color:var(--quiet);font-size:14px;line-height:1.5;max-width:86ch}
.note{margin-top:12px}
.note+.figures{margin-top:20px}
.quiet{color:var(--quiet)}
.warnings{background:var(--warn);border:1px solid var(--warn-line);border-left-width:4px;border-radius:10px;padding:16px 20px}
.warnings h2{font-size:16px;margin-bottom:6px}
.warnings ul,.missing ul{padding-left:20px}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:14px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);padding:10px 16px 0}
caption.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;vertical-align:top;padding:10px 9px;border-top:1px solid var(--grid);font-weight:400}
thead th{border-top:0;border-bottom:1px solid var(--line);color:var(--quiet);font-size:13px;line-height:1.3;font-weight:500;vertical-align:bottom;overflow-wrap:normal}
tbody tr:first-child>*{border-top:0}
.number{text-align:right}
td.number{white-space:nowrap}
td small{display:block;color:var(--quiet);font-size:12px;line-height:1.4}
tr>:first-child{padding-left:16px}
tr>:last-child{padding-right:16px}
th:first-child{position:sticky;left:0;z-index:1;background:var(--card);min-width:200px;max-width:300px}
thead button{position:relative;font:inherit;color:inherit;background:none;border:0;padding:4px 0;margin:-4px 0;cursor:pointer;text-align:inherit}
thead button:hover{color:var(--accent)}
thead button::after{position:absolute;left:100%;bottom:4px;padding-left:1px}
[aria-sort] button{color:var(--ink);font-weight:650}
[aria-sort=ascending] button::after{content:"↑"}
[aria-sort=descending] button::after{content:"↓"}
strong{font-weight:700}
.model{display:inline-flex;gap:8px;align-items:baseline;font-weight:500}
.model .key{flex:none;transform:translateY(2px)}
.provider{color:var(--quiet);font-weight:400}
.missing{margin-top:20px;font-size:14px}
.missing li{margin-top:4px}
.missing .model{margin-right:8px}
.figures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px}
figure,.verdict,.about>div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px}
figure{container-type:inline-size;min-width:0}
figure.wide{grid-column:1/-1}
figcaption p{margin-top:4px}
.plots{margin-top:16px}
.plot{display:none;width:100%;height:auto;overflow:visible;font-size:12px;margin:0 auto}
.plot.w312{display:block;max-width:420px}
.plot.w540{max-width:680px}
@container (min-width:440px){.plot.w312{display:none}.plot.w540{display:block}}
@container (min-width:860px){.three .plot.w540{display:none}.plot.w1120{display:block}}
.nothing{margin-top:12px;padding:24px 20px;border:1px dashed var(--line);border-radius:8px;color:var(--quiet)}
section>.nothing{margin:0;background:var(--card)}
details{margin-top:14px;font-size:14px}
summary{cursor:pointer;color:var(--accent);width:fit-content}
details .scroll{margin-top:10px}
.s0{--s:var(--c0)}.s1{--s:var(--c1)}.s2{--s:var(--c2)}.s3{--s:var(--c3)}.s4{--s:var(--c4)}.s5{--s:var(--c5)}.s6{--s:var(--c6)}.s7{--s:var(--c7)}
svg text{fill:var(--ink);font-family:inherit}
.mark{fill:var(--s);stroke:var(--card);stroke-width:1}
.mark.hollow{fill:var(--card);stroke:var(--s);stroke-width:1.75}
.key .mark{stroke:none}
.grid{stroke:var(--grid);stroke-width:1;shape-rendering:crispEdges}
svg .tick,svg .axis{fill:var(--quiet)}
svg .tick{font-variant-numeric:tabular-nums}
svg .name{fill:var(--ink);font-weight:600;font-size:12px}
svg .value{font-weight:600;font-variant-numeric:tabular-nums}
.plot .name{paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
.interval{stroke:var(--s);stroke-width:2;opacity:.55;stroke-linecap:round}
.frontier{fill:none;stroke:var(--quiet);stroke-width:1.25;stroke-dasharray:4 4;opacity:.7}
.leader{stroke:var(--quiet);stroke-width:1;opacity:.7}
.hill{fill:var(--s);opacity:.38}
.reach{stroke:var(--s);stroke-width:1.5;opacity:.7}
.high{stroke:var(--s);stroke-width:2}
.median{fill:var(--s);stroke:var(--card);stroke-width:1.5}
.area{fill:var(--s);opacity:.16}
.curve{fill:none;stroke:var(--s);stroke-width:1.75;stroke-linejoin:round}
.bar{stroke:none}
.trough{fill:var(--grid)}
.share{display:inline-flex;align-items:center}
.share span{min-width:4em}
.pair,.about{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px}
.pair{align-items:start}
.about .all{grid-column:1/-1}
.verdict p{color:var(--quiet);font-size:14px;margin-top:4px}
.verdict .scroll{margin-top:12px}
.verdict.good h3,span.good{color:var(--good)}
.verdict.bad h3,span.bad{color:var(--bad)}
span.bad{font-weight:700}
dl{margin-top:12px;font-size:14px}
dl>div{display:flex;justify-content:space-between;gap:20px;padding:7px 0;border-top:1px solid var(--grid)}
dt{color:var(--quiet)}
dt small{display:block;font-size:12px}
dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.about .scroll{margin-top:12px}
.about>div>.scroll{border:0;border-radius:0}
.about th,.about td{padding:7px 0}
.about tr>:first-child{padding-left:0}
pre{margin:12px 0 0;font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow:auto;max-height:420px;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{margin-top:48px;padding-bottom:48px;color:var(--quiet);font-size:13px}
@media (max-width:860px){.figures,.pair,.about{grid-template-columns:minmax(0,1fr)}}
@media (max-width:560px){header,main,footer{padding-left:14px;padding-right:14px}header{padding-top:28px}main>section{margin-top:36px}
figure,.verdict,.about>div{padding:14px}th:first-child{min-width:128px;max-width:148px;font-size:13px}.model{gap:5px}tr>:first-child{padding-left:10px}.conclusion{font-size:20px}}
@media print{.downloads,footer{display:none}body{font-size:11pt}.scroll,pre{overflow:visible;max-height:none}table{font-size:8pt}th,td{padding:3px 4px}
figure,.verdict,tr{break-inside:avoid}th:first-child{position:static}header{padding-top:0}}
`
