/* version: the one place where the version stands; the Makefile and the manual take it from here.
 */
#pragma once

#define VERSION "0.1.0"
