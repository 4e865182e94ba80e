/* banned: calls that have no right use here. Included into every source by the Makefile; the name
 * of the function that does not exist says what is wrong, as in git's header of this name. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BANNED(function) sorry_##function##_is_a_banned_function

/* no bound, or a bound that leaves the string without its NUL: str.h, snprintf */
#undef strcpy
#define strcpy(x, y) BANNED(strcpy)
#undef strcat
#define strcat(x, y) BANNED(strcat)
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy)
#undef strncat
#define strncat(x, y, n) BANNED(strncat)
#undef stpcpy
#define stpcpy(x, y) BANNED(stpcpy)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gets
#define gets(x) BANNED(gets)
#undef alloca
#define alloca(n) BANNED(alloca)
/* hidden state: strsep, the _r functions */
#undef strtok
#define strtok(x, y) BANNED(strtok)
#undef gmtime
#define gmtime(t) BANNED(gmtime)
#undef localtime
#define localtime(t) BANNED(localtime)
#undef ctime
#define ctime(t) BANNED(ctime)
#undef asctime
#define asctime(t) BANNED(asctime)
/* cannot say that it was no number: str_to_i64 */
#undef atoi
#define atoi(s) BANNED(atoi)
#undef atol
#define atol(s) BANNED(atol)
/* wait for the event */
#undef sleep
#define sleep(n) BANNED(sleep)
#undef usleep
#define usleep(n) BANNED(usleep)
/* a shell where an argument vector belongs; a name somebody else can take first */
#undef system
#define system(x) BANNED(system)
#undef popen
#define popen(x, y) BANNED(popen)
#undef mktemp
#define mktemp(x) BANNED(mktemp)
#undef tmpnam
#define tmpnam(x) BANNED(tmpnam)
