#pragma once

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace provision::test {

template <class T>
using openssl_handle = std::unique_ptr<T, void (*)(T*)>;

/// A certificate and its key.
struct certified {
  openssl_handle<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  openssl_handle<X509> certificate{X509_new(), X509_free};

  void write_certificate(const std::string& path) const {
    auto* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate.get());
    std::fclose(file);
  }

  /// Only for its owner's eyes.
  void write_key(const std::string& path) const {
    auto* file = std::fopen(path.c_str(), "w");
    ::fchmod(::fileno(file), 0600);
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr,
                         nullptr);
    std::fclose(file);
  }
};

/// A throw-away authority.
class authority {
public:
  authority() {
    static int number = 0;
    sign(own_, "throw-away authority " + std::to_string(++number),
         NID_basic_constraints, "critical,CA:TRUE");
  }

  /// A new key with a certificate for `name`, such as "DNS:localhost" or
  /// "IP:127.0.0.1".
  certified issue(const std::string& name) const {
    certified made;
    sign(made, name, NID_subject_alt_name, name);
    return made;
  }

  void write(const std::string& path) const { own_.write_certificate(path); }

private:
  void sign(certified& made, const std::string& name, int extension,
            const std::string& value) const {
    auto* x = made.certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(own_.certificate.get()));
    X509_set_pubkey(x, made.key.get());
    const openssl_handle<X509_EXTENSION> more{
      X509V3_EXT_conf_nid(nullptr, nullptr, extension, value.c_str()),
      X509_EXTENSION_free};
    X509_add_ext(x, more.get(), -1);
    X509_sign(x, own_.key.get(), EVP_sha256());
  }

  certified own_ = {};
  mutable long serial_ = 0;
};

} // namespace provision::test
