/* Loading the library and registering it. */
#include "host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct registration registrations[MAX];
int nregistrations;

void *symbol(struct registration *r, const char *name)
{
    void *s = dlsym(r->library, name);
    if (!s)
        die(name, dlerror());
    return s;
}

static const char *get_property(const char *key, void *instance)
{
    struct instance *in = instance;
    for (int i = 0; i < in->nkeys; i++)
        if (!strcmp(in->keys[i], key))
            return in->values[i];
    return NULL;
}

static void forbidden(void)
{
    die("callback", "the plugin called one that it must not know");
}

void do_register(const char *library, int version)
{
    struct registration *r = &registrations[nregistrations];
    size_t size = version == 4 ? sizeof(struct definition_4) : sizeof(struct definition_5);
    r->library = dlopen(library, RTLD_LAZY);
    if (!r->library)
        die("load", dlerror());
    r->definition = allocate(size + MAX);
    memset(r->definition + size, UNUSED, MAX);
    ((struct definition_4 *)r->definition)->type = TYPE_OUTPUT;
    int answer = ((register_fn)symbol(r, "FLBPluginRegister"))(r->definition);

    int intact = 1;
    for (size_t i = 0; i < MAX; i++)
        intact &= r->definition[size + i] == UNUSED;
    for (size_t i = sizeof(struct definition_4); i < size; i++)
        intact &= r->definition[i] == 0;
    r->callbacks.output_get_property = get_property;
    for (int i = 0; i < 9; i++)
        r->callbacks.others[i] = forbidden;
    struct definition_4 *d = (struct definition_4 *)r->definition;
    r->plugin.name = d->name;
    printf("registered %d %d type=%d language=%d flags=%d name=%s intact=%d\n", nregistrations++, answer, d->type, d->language,
           d->flags, d->name, intact);
}

void do_unregister(int n)
{
    struct registration *r = &registrations[n];
    ((unregister_fn)symbol(r, "FLBPluginUnregister"))(r->definition);
    free(r->definition);
    dlclose(r->library);
    printf("unregistered %d\n", n);
}
