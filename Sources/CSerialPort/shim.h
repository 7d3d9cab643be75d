#ifndef KIOSKPAY_CSERIALPORT_SHIM_H
#define KIOSKPAY_CSERIALPORT_SHIM_H

// libserialport as Swift sees it: nothing needs wrapping.
#include <libserialport.h>

#endif
