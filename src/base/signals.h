/* signals: their names. "TERM", "SIGTERM" and "15" are read; "SIGTERM", "RTMIN+3" are shown. */
#pragma once
#include "base/attr.h"

int signals_parse(const char *text); /* the number or -EINVAL */
const char *
signals_name(int signal); /* "SIGTERM"; static storage; "signal 99" when it has no name */
