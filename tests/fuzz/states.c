/* Any bytes are a unit and a sequence of events: see service-walk.h for what must hold. */
#include "service-walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	walk(data, size);
	return 0;
}
