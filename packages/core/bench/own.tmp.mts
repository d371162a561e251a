import { measureOwnCost } from '/work/main/packages/core/bench/own-cost.ts'
for (let i=0;i<3;i++) { const m = await measureOwnCost(15); console.log(m.map(x=>x.name.slice(0,22)+' '+x.tandem.toFixed(2)+' '+x.bare.toFixed(2)+' '+x.ratio.toFixed(2)).join(' | ')) }
