/** Words that hold sentences together; the earlier, the more often. */
export const commonWords =
  'the of and to in is that it was for on are with as at be this have from or by one had not but what all were when we there can an your which their if do will each about how up out them then many some so these would other into has more two like him see time could no make than first been its who now people my made over did down only way find use may long little very after called just where most know'.split(
    ' ',
  )

/** What documents are about, so that a search has something to tell apart. */
export const topics: readonly (readonly string[])[] = [
  'river boat harbour tide sail captain anchor storm island current fishing lighthouse deck crew voyage coast',
  'bread oven flour yeast dough baker recipe butter salt kitchen loaf crust sugar kneading rise bake',
  'planet star telescope orbit galaxy moon rocket gravity comet astronomer satellite light eclipse crater probe night',
  'doctor patient nurse fever medicine surgery hospital heart blood vaccine symptom dose therapy clinic infection pain',
  'court judge law contract witness lawyer trial verdict appeal clause evidence property lease damages statute jury',
  'server database query index network latency cache request thread memory packet disk cluster replica backup deploy',
  'garden soil seed root flower compost pruning rose vegetable spring frost watering leaf weed tree harvest',
  'engine wheel brake fuel gearbox piston exhaust driver mileage tyre clutch battery torque road workshop oil',
  'bank loan interest credit budget invoice tax profit market share dividend currency audit account payment debt',
  'school teacher pupil lesson exam homework reading grade class university lecture student library essay science history',
  'violin orchestra melody rhythm concert piano composer singer chord rehearsal stage opera note drum choir tempo',
  'mountain trail summit glacier rope hut valley ridge snow climber avalanche forest map compass boots weather',
  'election vote parliament minister party campaign mayor council reform debate treaty policy citizen ballot senate border',
  'whale wolf nest migration habitat species predator feather insect colony reef herd burrow forest hunter cub',
  'paint canvas museum portrait sculpture gallery brush colour sketch marble exhibition artist frame pigment studio landscape',
  'train station ticket platform luggage passenger timetable border hotel guide airport passport journey taxi map seat',
].map((words) => words.split(' '))
