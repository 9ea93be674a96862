// Matrix products in two steps that the caller cuts into pieces: B is packed once for everybody, then rows of C are
// computed from it. A BLAS that is called piece by piece packs B again for each of them, which costs a tenth of the time
// at the sizes of a training step here.
#define TOPIC "topics/packed_product.h"
#include "levels.h"

EXPORT(packed_product_rows)
EXPORT(packed_product_panels)
EXPORT(packed_product_size)
EXPORT(packed_product_workspace)
EXPORT(packed_product_pack)
EXPORT(packed_product)
