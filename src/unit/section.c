/* section: the names of the four that a service's file has here. */
#include "unit/unit.h"

static const char *const section_names[] = {
	[SECTION_UNIT] = "Unit",
	[SECTION_SERVICE] = "Service",
	[SECTION_INSTALL] = "Install",
	[SECTION_TEND] = "X-Tend",
};
_Static_assert(COUNT(section_names) == SECTION_COUNT, "a name for each section");

const char *
section_name(enum unit_section section)
{
	return section_names[section];
}
