#ifndef KIOSKPAY_CEXPAT_SHIM_H
#define KIOSKPAY_CEXPAT_SHIM_H

// expat as Swift sees it. Only what the importer cannot read (casting macros) is wrapped here.
#include <expat.h>

/// `XML_FALSE` and `XML_TRUE` are casts, which the importer skips.
static const XML_Bool kioskpay_xml_not_resumable = XML_FALSE;

#endif
