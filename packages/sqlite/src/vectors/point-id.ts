/** The id of a point is the id of its document's row times this, plus a number of its own. */
export const POINTS_PER_DOCUMENT = 65_536
