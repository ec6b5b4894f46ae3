package places

import "net/netip"

var (
	berlin    = Place{"Berlin", "10115", "Land Berlin", "DE-BE", "Germany", "DE", "Europe", "EU", "Europe/Berlin", 52.5196, 13.4069, 20}
	potsdam   = Place{"Potsdam", "14467", "Brandenburg", "DE-BB", "Germany", "DE", "Europe", "EU", "Europe/Berlin", 52.3989, 13.0657, 20}
	hamburg   = Place{"Hamburg", "20095", "Hamburg", "DE-HH", "Germany", "DE", "Europe", "EU", "Europe/Berlin", 53.5507, 9.993, 20}
	frankfurt = Place{"Frankfurt am Main", "60313", "Hesse", "DE-HE", "Germany", "DE", "Europe", "EU", "Europe/Berlin", 50.1169, 8.6837, 50}
	germany   = Place{"", "", "", "", "Germany", "DE", "Europe", "EU", "Europe/Berlin", 51.2993, 9.491, 200}
	amsterdam = Place{"Amsterdam", "1012", "North Holland", "NL-NH", "Netherlands", "NL", "Europe", "EU", "Europe/Amsterdam", 52.3759, 4.8975, 50}
	dublin    = Place{"Dublin", "D02", "Leinster", "IE-L", "Ireland", "IE", "Europe", "EU", "Europe/Dublin", 53.3382, -6.2591, 50}
	lisbon    = Place{"Lisbon", "1100", "Lisbon", "PT-11", "Portugal", "PT", "Europe", "EU", "Europe/Lisbon", 38.7219, -9.1398, 20}
	riga      = Place{"Riga", "LV-1050", "Riga", "LV-RIX", "Latvia", "LV", "Europe", "EU", "Europe/Riga", 56.9496, 24.0978, 50}
	boston    = Place{"Boston", "02110", "Massachusetts", "US-MA", "United States", "US", "North America", "NA", "America/New_York", 42.3562, -71.0631, 20}
	provide   = Place{"Providence", "02903", "Rhode Island", "US-RI", "United States", "US", "North America", "NA", "America/New_York", 41.8238, -71.4129, 20}
	ashburn   = Place{"Ashburn", "20149", "Virginia", "US-VA", "United States", "US", "North America", "NA", "America/New_York", 39.0469, -77.4903, 50}
	desMoines = Place{"Des Moines", "50309", "Iowa", "US-IA", "United States", "US", "North America", "NA", "America/Chicago", 41.5868, -93.6209, 100}
	tokyo     = Place{"Tokyo", "100-0001", "Tokyo", "JP-13", "Japan", "JP", "Asia", "AS", "Asia/Tokyo", 35.6893, 139.6899, 20}
	singapore = Place{"Singapore", "048616", "Central Singapore", "SG-01", "Singapore", "SG", "Asia", "AS", "Asia/Singapore", 1.2868, 103.8503, 20}
)

// Networks is the whole list; a network that lies inside another stands for the smaller part.
var Networks = []Network{
	{"office-berlin", netip.MustParsePrefix("203.0.113.0/26"), 64496, "Kestrel Freight GmbH", "kestrel.example", berlin},
	{"office-boston", netip.MustParsePrefix("203.0.113.64/26"), 64497, "Harbor Business Fibre", "harborfibre.example", boston},
	{"vpn", netip.MustParsePrefix("203.0.113.128/27"), 64498, "Rhein-Main Transit", "rmtransit.example", frankfurt},

	{"cloud-eu-central-1", netip.MustParsePrefix("198.51.100.0/27"), 64500, "Example Cloud", "examplecloud.example", frankfurt},
	{"cloud-eu-west-1", netip.MustParsePrefix("198.51.100.32/27"), 64500, "Example Cloud", "examplecloud.example", dublin},
	{"cloud-us-east-1", netip.MustParsePrefix("198.51.100.64/27"), 64500, "Example Cloud", "examplecloud.example", ashburn},
	{"azure-westeurope", netip.MustParsePrefix("198.51.100.96/27"), 64501, "Example Office Cloud", "officecloud.example", amsterdam},
	{"ci-runners", netip.MustParsePrefix("192.0.2.0/26"), 64502, "Example CI Runners", "cirunners.example", desMoines},
	{"monitoring", netip.MustParsePrefix("192.0.2.64/27"), 64503, "Observatory Monitoring", "observatory.example", dublin},

	{"home-berlin", netip.MustParsePrefix("100.64.0.0/20"), 64504, "Spree DSL", "spreedsl.example", berlin},
	{"home-berlin-v6", netip.MustParsePrefix("2001:db8:40::/48"), 64504, "Spree DSL", "spreedsl.example", berlin},
	{"home-potsdam", netip.MustParsePrefix("100.64.16.0/20"), 64504, "Spree DSL", "spreedsl.example", potsdam},
	{"home-hamburg", netip.MustParsePrefix("100.64.32.0/20"), 64505, "Elbe Kabel", "elbekabel.example", hamburg},
	{"home-boston", netip.MustParsePrefix("100.65.0.0/20"), 64506, "Bay Cable", "baycable.example", boston},
	{"home-providence", netip.MustParsePrefix("100.65.16.0/20"), 64506, "Bay Cable", "baycable.example", provide},
	{"mobile-de", netip.MustParsePrefix("100.66.0.0/18"), 64507, "Nordfunk Mobile", "nordfunk.example", germany},
	{"mobile-de-v6", netip.MustParsePrefix("2001:db8:100::/48"), 64507, "Nordfunk Mobile", "nordfunk.example", germany},

	{"hotel-tokyo", netip.MustParsePrefix("100.68.0.0/20"), 64510, "Sumida Hospitality Network", "sumidahotels.example", tokyo},
	{"home-lisbon", netip.MustParsePrefix("100.67.16.0/20"), 64509, "Atlantico Fibra", "atlanticofibra.example", lisbon},
	{"cafe-lisbon", netip.MustParsePrefix("100.67.0.0/20"), 64508, "Tejo Public Wireless", "tejowifi.example", lisbon},

	{"hosting-singapore", netip.MustParsePrefix("198.51.100.192/27"), 64511, "Straits Virtual Servers", "straitsvps.example", singapore},
	{"hosting-riga", netip.MustParsePrefix("192.0.2.192/27"), 65536, "Daugava Cloud Rental", "daugavacloud.example", riga},
	{"hosting-riga-v6", netip.MustParsePrefix("2001:db8:f00d::/48"), 65536, "Daugava Cloud Rental", "daugavacloud.example", riga},
}
