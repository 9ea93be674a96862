#include <stdint.h>
typedef struct sm_host_info {uint32_t a;} sm_host_info;
typedef struct sm_error {uint32_t a;} sm_error;
typedef struct sm_plugin {uint32_t a;} sm_plugin;
const sm_plugin *_Nullable sm_plugin_query(const sm_host_info *_Nullable host, sm_error *_Nullable error);
