/* tables.h: the extensions that this library offers. */
#ifndef TABLES_H
#define TABLES_H

#include "sequence_model.h"

extern const sm_train train_table;
extern const sm_score score_table;
extern const sm_session_table session_table;

#endif
