/* The interface descriptions are files that a person reads and a client is given as they are; the
 * assembler puts them into the program. The paths are relative to the source tree, where the
 * compiler is started. */
#include "wire/conn.h"

#define EMBED(symbol, file)                                                                        \
	__asm__(".pushsection .rodata\n"                                                           \
		".global " #symbol "\n"                                                            \
		".type " #symbol ", @object\n" #symbol ":\n"                                       \
		".incbin \"" file "\"\n"                                                           \
		".byte 0\n"                                                                        \
		".size " #symbol ", . - " #symbol "\n"                                             \
		".popsection\n")

EMBED(wire_interface, "src/wire/tend.varlink");
EMBED(wire_interface_service, "src/wire/org.varlink.service.varlink");
