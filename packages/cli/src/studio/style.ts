/** The page's style. Colours are variables, so that a dark page is a list of values. */
export const style = `
:root{--page:#f6f6f3;--card:#fff;--line:#deded8;--grid:#e9e9e4;--ink:#1b1d22;--quiet:#595d66;--accent:#0b5cad;--accent-ink:#fff;--chosen:#e4eefa;
--good:#0a6b4f;--bad:#b3261e;--bad-card:#fdeceb;--warn:#7a5200;
--c0:#004dc2;--c1:#e0480a;--c2:#04875b;--c3:#b053a8;--c4:#5e3100;--c5:#6a6ad0;--c6:#8a6f00;--c7:#a5003f;--rest:#9a9da5;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--page:#131519;--card:#1b1e24;--line:#343941;--grid:#2a2e36;--ink:#eceef2;--quiet:#a5abb6;--accent:#7db8f2;--accent-ink:#10151c;--chosen:#22334a;
--good:#5fd0a6;--bad:#ff9a8f;--bad-card:#3a1f1d;--warn:#e5b94a;
--c0:#4f9bf5;--c1:#ff7a3d;--c2:#7fe3b4;--c3:#e08bd5;--c4:#ffdf26;--c5:#a6a2ff;--c6:#c9b458;--c7:#f07d6d;--rest:#6b717c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1,h2,h3,p,ul,ol,dl,figure,fieldset{margin:0}
ul,ol{list-style:none;padding:0}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
main:focus,.detail h2:focus{outline:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:12px;top:-60px;background:var(--card);padding:8px 12px;z-index:2}
.skip:focus{top:8px}
.quiet{color:var(--quiet);font-weight:400}
.note{color:var(--quiet);font-size:13px;line-height:1.45}
.fault{color:var(--bad);background:var(--bad-card);border-radius:8px;padding:10px 14px;overflow-wrap:anywhere}
.badge{font-size:12px;line-height:1.4;color:var(--quiet);border:1px solid var(--line);border-radius:99px;padding:1px 9px;white-space:nowrap;margin-left:6px}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 8px;padding:12px 20px;background:var(--card);border-bottom:1px solid var(--line)}
h1{font-size:16px;font-weight:650;overflow-wrap:anywhere}
h2{font-size:18px;line-height:1.3;font-weight:650;overflow-wrap:anywhere}
h3{font-size:14px;line-height:1.4;font-weight:650;margin:20px 0 8px}
nav{display:flex;gap:2px;margin-left:auto}
nav a{padding:6px 12px;border-radius:8px;text-decoration:none;color:var(--ink)}
nav a:hover{background:var(--grid)}
nav a[aria-current]{background:var(--chosen);color:var(--accent);font-weight:600}
.page{display:grid;grid-template-columns:minmax(200px,260px) minmax(0,1fr);align-items:start;max-width:1500px;margin:0 auto}
aside{padding:16px 8px 16px 20px;position:sticky;top:0;max-height:100vh;overflow:auto}
summary{cursor:pointer;font-weight:600;padding:4px 6px;border-radius:6px}
main{padding:20px 20px 48px;min-width:0}
button{font:inherit;font-size:14px;font-weight:500;color:var(--accent);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 14px;cursor:pointer}
button:hover{border-color:var(--accent)}
button:disabled{opacity:.6;cursor:default}
button.primary{background:var(--accent);color:var(--accent-ink);border-color:var(--accent)}
button.danger{color:var(--bad);border-color:var(--bad)}
button.link{border:0;background:none;padding:0 2px;text-decoration:underline}
input,select{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 10px;min-width:0;width:100%}
input::placeholder{color:var(--quiet);opacity:1}
input[type=radio]{width:auto;margin:0 6px 0 0}
input[type=number]{width:96px}
label>span{display:block;font-size:12px;color:var(--quiet);margin-bottom:2px}
.grow{flex:1 1 200px}
.count{color:var(--quiet);font-size:13px;font-weight:400;font-variant-numeric:tabular-nums}
.tree{font-size:14px;margin-top:6px}
.tree ul{padding-left:14px}
.tree li{cursor:pointer;border-radius:6px;outline-offset:-2px}
.row{display:flex;align-items:baseline;gap:4px;padding:3px 6px;border-radius:6px}
.row .label{overflow-wrap:anywhere;flex:1}
.row:hover{background:var(--grid)}
[aria-selected=true]>.row{background:var(--chosen);color:var(--accent);font-weight:600}
.twist{flex:none;width:16px;text-align:center;color:var(--quiet)}
[aria-expanded=false]>.row .twist::before{content:"▸"}
[aria-expanded=true]>.row .twist::before{content:"▾"}
.more{color:var(--accent)}
.browse.split{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:20px;align-items:start}
.filters,.line{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:end}
.filters{margin:12px 0}
.documents{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.documents:empty{display:none}
.documents li+li{border-top:1px solid var(--grid)}
.documents a{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 12px;padding:9px 14px;text-decoration:none;color:var(--ink);outline-offset:-2px}
.documents a:hover{background:var(--grid)}
.documents a[aria-current]{background:var(--chosen)}
.name{font-weight:550;overflow-wrap:anywhere}
.when{color:var(--quiet);font-size:13px;white-space:nowrap}
.preview{grid-column:1/-1;color:var(--quiet);font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.documents .badge{grid-column:1/-1;justify-self:start;margin:4px 0 0}
.end{margin-top:12px}
.detail,.column,figure{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
.detail{position:sticky;top:16px}
.bar{display:flex;gap:12px;justify-content:space-between;align-items:start}
.bar>a{overflow-wrap:anywhere;font-weight:600}
dl{margin-top:10px;font-size:14px}
dl>div{display:flex;justify-content:space-between;gap:20px;padding:5px 0;border-top:1px solid var(--grid)}
dt{color:var(--quiet)}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
pre{margin:0;padding:12px;background:var(--page);border:1px solid var(--line);border-radius:8px;font:13px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;max-height:420px;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-size:13px;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:7px 10px}
th{color:var(--quiet);font-weight:500;border-bottom:1px solid var(--line);white-space:nowrap}
tbody tr+tr>td{border-top:1px solid var(--grid)}
td.number,.number{font-variant-numeric:tabular-nums}
td.number,th.number{text-align:right}
.passage{overflow-wrap:anywhere}
td.passage{min-width:160px}
.state{white-space:nowrap;font-weight:550}
.state.current{color:var(--good)}.state.stale{color:var(--warn)}.state.missing{color:var(--bad)}
.actions{margin-top:16px}
.actions .fault,.actions div{margin-top:8px}
.search{display:grid;gap:10px;margin:14px 0 18px}
fieldset{border:0;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px}
.choice{display:inline-flex;align-items:center;cursor:pointer}
.choice:has(:disabled){color:var(--quiet);cursor:not-allowed}
.columns.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:20px;align-items:start}
.column h3{margin-top:0}
.hits>li{padding:12px 0;border-top:1px solid var(--grid)}
.hits{margin-top:8px}
.hits .passage{margin:4px 0;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:6;overflow:hidden}
.score{font-variant-numeric:tabular-nums}
.legs{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:4px}
.leg{display:inline-flex;align-items:center;gap:6px;font-size:12px;color:var(--quiet)}
meter{width:90px;height:10px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(240px,1fr));gap:14px;margin-bottom:12px}
figure{padding:12px 14px}
figcaption{display:flex;justify-content:space-between;gap:12px;font-size:13px}
.chart{display:block;width:100%;height:auto;margin-top:6px}
.axis{stroke:var(--line)}
.curve{fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linejoin:round}
.now{fill:var(--accent)}
.range{display:flex;justify-content:space-between;font-size:11px}
.charts~.scroll{margin-top:12px}
.map{margin-top:12px;background:var(--card);border:1px solid var(--line);border-radius:12px}
.map svg{display:block;width:100%;height:auto;max-height:68vh}
.dot{fill:var(--rest);fill-opacity:.75;stroke:var(--card);stroke-width:.75;cursor:pointer}
.dot.chosen{fill-opacity:1;stroke:var(--ink);stroke-width:2.5}
.k0{fill:var(--c0)}.k1{fill:var(--c1)}.k2{fill:var(--c2)}.k3{fill:var(--c3)}.k4{fill:var(--c4)}.k5{fill:var(--c5)}.k6{fill:var(--c6)}.k7{fill:var(--c7)}
.told{min-height:1.5em;margin-top:8px;font-size:14px;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;margin-top:4px}
.legend li{display:inline-flex;align-items:center;gap:6px;overflow-wrap:anywhere}
.key{width:12px;height:12px;flex:none}
@media (max-width:1100px){.browse.split{grid-template-columns:minmax(0,1fr)}.browse.split .list{display:none}.detail{position:static}}
@media (max-width:799px){.page{grid-template-columns:minmax(0,1fr)}aside{position:static;max-height:none;padding:12px 14px 0}main{padding:14px 14px 40px}header{padding:10px 14px}
nav{margin-left:0;width:100%}nav a{flex:1;text-align:center;padding:8px 4px}.columns.two{grid-template-columns:minmax(0,1fr)}}
@media (prefers-reduced-motion:no-preference){.row,button,nav a{transition:background .12s}}
`
