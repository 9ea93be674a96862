/* A shared library that is no plugin. -DDATA: its sm_plugin_query is a variable; -DIMPORT: it only calls one; -DHIDDEN: it keeps
 * it to itself. */
#if defined(DATA)
int sm_plugin_query = 1;
#elif defined(IMPORT)
extern int sm_plugin_query(void);
int call(void) { return sm_plugin_query(); }
#elif defined(HIDDEN)
__attribute__((visibility("hidden"))) int sm_plugin_query(void) { return 1; }
int call(void) { return sm_plugin_query(); }
#else
int something_else(void) { return 1; }
#endif
