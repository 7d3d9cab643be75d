#ifndef KIOSKPAY_COPENSSL_SHIM_H
#define KIOSKPAY_COPENSSL_SHIM_H

// OpenSSL 3 as Swift sees it. Only what the importer cannot read (function-like macros) is wrapped here.
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#endif
