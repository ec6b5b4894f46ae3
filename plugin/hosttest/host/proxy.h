/* The parts of Fluent Bit's interface for plugins in other languages that a plugin gets to see, as facts of its binary
 * interface: the order and size of members count, the names do not. */
#ifndef PROXY_H
#define PROXY_H

#include <stddef.h>

enum { ANSWER_ERROR = 0, ANSWER_OK = 1, ANSWER_RETRY = 2 };
enum { TYPE_OUTPUT = 2, LANGUAGE_GO = 11 };

/* What Register fills, until version 4.2.2. */
struct definition_4 {
    int type;
    int language;
    int flags;
    char *name;
    char *description;
};

/* What Register fills, from 4.2.3 and 5.0 on. */
struct definition_5 {
    struct definition_4 base;
    int event_type;
    void *config_map;
};

/* Calls back into the host. Those behind the first are there in every version, but no plugin of ours may use them. */
struct callbacks {
    const char *(*output_get_property)(const char *key, void *instance);
    void *others[9];
};

/* What Init leaves for the flushes of its instance. */
struct context {
    void *remote;
    void *proxy;
};

/* What Init is given. There is one for each registration: its members are set anew for every instance. */
struct plugin {
    char *name;
    struct callbacks *callbacks;
    void *instance;
    struct context *context;
    void *functions[5];
};

typedef int (*register_fn)(void *definition);
typedef void (*unregister_fn)(void *definition);
typedef int (*init_fn)(struct plugin *);
typedef int (*flush_fn)(void *remote, const void *data, size_t size, char *tag);
typedef int (*exit_fn)(void *remote);

#endif
