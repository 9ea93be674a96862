#include "sequence_model.h"
