/** The name under which a page says for whom it was drawn, in its markup and as a header of what it asks. */
export const personMeta = "portal-person";
export const personHeader = "x-portal-person";
