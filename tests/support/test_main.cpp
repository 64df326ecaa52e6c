#define BOOST_TEST_MODULE provision
#include <boost/test/unit_test.hpp>
