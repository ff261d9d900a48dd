"""From the captains' records to facts: pure, lenient with every dialect from XenServer 6.2 and CloudStack 4.3 on."""
