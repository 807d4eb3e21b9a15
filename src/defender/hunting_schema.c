/* The tables of advanced hunting and their columns, as documented: for completion, and to tell what a query's rows will
 * have before it is asked. The service may know more than this: nothing is refused by it. */
#include "config.h"
#include "defender/hunting_schema.h"

#include <string.h>

#include <glib.h>

/* After Microsoft's advanced hunting table pages (defender-xdr/advanced-hunting-*-table.md, CC BY 4.0). Each text is a
 * table's name and its columns, NAME:TYPE. */
static const char *const schema[] = {
	"AADSignInEventsBeta Timestamp:d Application:s ApplicationId:s LogonType:s ErrorCode:i CorrelationId:s "
	"SessionId:s AccountDisplayName:s AccountObjectId:s AccountUpn:s IsExternalUser:i IsGuestUser:b "
	"AlternateSignInName:s LastPasswordChangeTimestamp:d ResourceDisplayName:s ResourceId:s ResourceTenantId:s "
	"DeviceName:s AadDeviceId:s EntraIdDeviceId:s OSPlatform:s DeviceTrustType:s IsManaged:i IsCompliant:i "
	"AuthenticationProcessingDetails:s AuthenticationRequirement:s TokenIssuerType:i RiskLevelAggregated:i "
	"RiskDetails:i RiskState:i UserAgent:s ClientAppUsed:s Browser:s ConditionalAccessPolicies:s "
	"ConditionalAccessStatus:i IPAddress:s Country:s State:s City:s Latitude:s Longitude:s "
	"NetworkLocationDetails:s RequestId:s ReportId:s EndpointCall:s RiskLevelDuringSignIn:i",
	"AADSpnSignInEventsBeta Timestamp:d Application:s ApplicationId:s IsManagedIdentity:b ErrorCode:i "
	"CorrelationId:s ServicePrincipalName:s ServicePrincipalId:s ResourceDisplayName:s ResourceId:s "
	"ResourceTenantId:s IPAddress:s Country:s State:s City:s Latitude:s Longitude:s RequestId:s ReportId:s",
	"AIAgentsInfo Timestamp:d RegistrySource:s AIAgentId:g AIAgentName:s AgentCreationTime:d "
	"CreatorAccountUpn:s OwnerAccountUpns:s LastModifiedByUpn:s LastModifiedTime:d LastPublishedTime:d "
	"LastPublishedByUpn:s AgentDescription:s AgentStatus:s UserAuthenticationType:s AgentUsers:s "
	"KnowledgeDetails:s AgentActionTriggers:s RawAgentInfo:s AuthenticationTrigger:s AccessControlPolicy:s "
	"AuthorizedSecurityGroupIds:j AgentTopicsDetails:j AgentToolsDetails:j EnvironmentId:s Platform:s "
	"IsGenerativeOrchestrationEnabled:b AgentAppId:s ConnectedAgentsSchemaNames:j ChildAgentsSchemaNames:j "
	"Version:s IsBlocked:b Instructions:s EntraObjectId:s EntraBlueprintId:s AIModel:s AccessCapabilities:j "
	"ElementTypes:j SourceAgentId:s",
	"AgentsInfo Timestamp:d AgentId:s AgentName:s Platform:s AgentDescription:s Version:s SourceAgentId:s "
	"EntraAgentId:s EntraBlueprintId:s ToolsAuthenticationType:j Permissions:j PublishedStatus:s "
	"LifecycleStatus:s Availability:s CreatedDateTime:d LastPublishedDateTime:d LastUpdatedDateTime:d Owners:j "
	"SharedWith:j InstanceCount:i Instructions:s Model:s Channels:j Capabilities:j DeclaredDataSources:j "
	"DeclaredTools:j McpServers:j Skills:j ConnectedAgents:j Memory:j Triggers:j Guardrails:j Endpoints:j "
	"ObservabilityId:j RawAgentInfo:j",
	"AlertEvidence Timestamp:d AlertId:s Title:s Categories:s AttackTechniques:s ServiceSource:s "
	"DetectionSource:s EntityType:s EvidenceRole:s EvidenceDirection:s FileName:s FolderPath:s SHA1:s SHA256:s "
	"FileSize:l ThreatFamily:s RemoteIP:s RemoteUrl:s AccountName:s AccountDomain:s AccountSid:s "
	"AccountObjectId:s AccountUpn:s DeviceId:s DeviceName:s LocalIP:s NetworkMessageId:s EmailSubject:s "
	"Application:s ApplicationId:i OAuthApplicationId:s ProcessCommandLine:s RegistryKey:s RegistryValueName:s "
	"RegistryValueData:s AdditionalFields:s Severity:s CloudResource:s CloudPlatform:s ResourceType:s "
	"ResourceID:s SubscriptionId:s",
	"AlertInfo Timestamp:d AlertId:s Title:s Category:s Severity:s ServiceSource:s DetectionSource:s "
	"AttackTechniques:s",
	"BehaviorEntities Timestamp:d BehaviorId:s Categories:s ServiceSource:s DetectionSource:s DataSources:s "
	"EntityType:s EntityRole:s DetailedEntityRole:s FileName:s FolderPath:s SHA1:s SHA256:s FileSize:l "
	"ThreatFamily:s RemoteIP:s RemoteUrl:s AccountName:s AccountDomain:s AccountSid:s AccountObjectId:s "
	"CloudPlatform:s CloudResourceType:s CloudResourceId:s CloudSubscriptionId:s AccountUpn:s DeviceId:s "
	"DeviceName:s LocalIP:s NetworkMessageId:s EmailSubject:s EmailClusterId:s Application:s ApplicationId:i "
	"OAuthApplicationId:s ProcessCommandLine:s RegistryKey:s RegistryValueName:s RegistryValueData:s "
	"AdditionalFields:s ActionType:s",
	"BehaviorInfo Timestamp:d BehaviorId:s Title:s Description:s Categories:s AttackTechniques:s "
	"ServiceSource:s DetectionSource:s DataSources:s DeviceId:s AccountUpn:s AccountObjectId:s StartTime:d "
	"EndTime:d AdditionalFields:s ActionType:s",
	"CallActivityEvents ActivityTimestamp:d CallId:s ActivityId:s ActivityInitiatorId:s ActivityType:s "
	"ThreadId:s ActivityInitiatorUpn:s ActivityInitiatorDisplayName:s CallSchedulingType:s CallJoinUrl:s "
	"OriginatorUserDisplayName:s OriginatorUpn:s",
	"CampaignInfo Timestamp:d CampaignName:s CampaignId:s CampaignType:s CampaignSubtype:s NetworkMessageId:s "
	"RecipientEmailAddress:s ReportId:s",
	"CloudAppEvents Timestamp:d ActionType:s Application:s ApplicationId:i AppInstanceId:i AccountObjectId:s "
	"AccountId:s AccountDisplayName:s IsAdminOperation:b DeviceType:s OSPlatform:s IPAddress:s "
	"IsAnonymousProxy:b CountryCode:s City:s Isp:s UserAgent:s ActivityType:s ActivityObjects:j ObjectName:s "
	"ObjectType:s ObjectId:s ReportId:s AccountType:s IsExternalUser:b IsImpersonated:b IPTags:j IPCategory:s "
	"UserAgentTags:j RawEventData:j AdditionalFields:j LastSeenForUser:j UncommonForUser:j AuditSource:s "
	"SessionData:j OAuthAppId:s ISP:s",
	"CloudAuditEvents Timestamp:d ReportId:s DataSource:s ActionType:s OperationName:s ResourceId:s "
	"IPAddress:s IsAnonymousProxy:b CountryCode:s City:s Isp:s UserAgent:s RawEventData:j AdditionalFields:j",
	"CloudDnsEvents Timestamp:d ReportId:s ActionType:s AzureResourceId:s AwsResourceName:s "
	"GcpFullResourceName:s KubernetesResource:s KubernetesNamespace:s KubernetesPodName:s ContainerName:s "
	"ContainerId:s ImageName:s ProcessName:s ProcessId:l DnsEventType:s DnsEventSubType:s DnsQuery:s "
	"DnsQueryTypeName:s DnsResponseCodeName:s DnsNetworkDuration:l TransactionIdHex:s AdditionalFields:j "
	"ImageDigest:s Region:s HostName:s",
	"CloudPolicyEnforcementEvents Timestamp:d ReportId:s DataSource:s SubscriptionId:s ActionType:s "
	"AzureResourceId:s AwsResourceName:s GcpFullResourceName:s Region:s ResourceKind:s ResourceName:s "
	"KubernetesNamespace:s Reason:s AdditionalFields:s",
	"CloudProcessEvents Timestamp:d AzureResourceId:s AwsResourceName:s GcpFullResourceName:s "
	"ContainerImageName:s KubernetesNamespace:s KubernetesPodName:s KubernetesResource:s ContainerName:s "
	"ContainerId:s ActionType:s FileName:s FolderPath:s ProcessId:l ProcessName:s ParentProcessName:s "
	"ParentProcessId:s ProcessCommandLine:s ProcessCreationTime:d ProcessCurrentWorkingDirectory:s "
	"AccountName:s LogonId:l InitiatingProcessId:s ImageDigest:s AgentId:s Region:s HostName:s "
	"AdditionalFields:s",
	"CloudStorageAggregatedEvents DataAggregationStartTime:d DataAggregationEndTime:d DataSource:s "
	"SubscriptionId:s ResourceGroup:s StorageAccount:s StorageContainer:s StorageFileShare:s ServiceType:s "
	"IpAddress:s UserAgentHeader:s OperationNamesList:j AuthenticationType:s AccountObjectId:s "
	"AccountTenantId:l AccountApplicationId:s AccountUpn:s AccountType:l OperationsCount:i "
	"SuccessfulOperationsCount:i FailedOperationsCount:i FirstEventTimestamp:d LastEventTimestamp:d "
	"TotalResponseLength:i SuccessfulReadOperations:i DistinctGetOperations:i AnonymousSuccessfulOperations:i "
	"HasAnonymousResourceNotFoundFailures:b CountryName:s CityName:s ProvinceName:s ClientSystemServiceName:s "
	"ClientCloudPlatformName:s IsTorExitNode:b IsKnownSuspiciousIp:b IsPrivateIp:b SuspiciousUserAgentName:s "
	"HashReputationMd5List:j AzureResourceId:s Location:s Timestamp:d ReportId:s ActionType:s "
	"AdditionalFields:j Md5Hashes:j",
	"DataSecurityBehaviors Timestamp:d BehaviorId:s ActionType:s StartTime:d EndTime:d AttackTechniques:s "
	"Categories:s ActionCategory:s Description:s ServiceSource:s DetectionSource:s ActivityCount:i "
	"IsAnomalous:b IsContentHidden:b AccountUpn:s AccountEmail:s Application:s DeviceInfo:j "
	"SensitivityLabelInfo:j SensitiveInfoTypesInfo:j UrlDomainInfo:j SharepointSiteInfo:j RecipientEmailInfo:j "
	"RemovableMediaInfo:j PrinterName:j PriorityContentMatchInfo:j PolicyInfo:j Policies:s",
	"DataSecurityEvents ApplicationNames:s DeviceId:s DeviceName:s AadDeviceId:g IsManagedDevice:b "
	"DlpPolicyMatchInfo:s DlpPolicyEnforcementMode:i DlpPolicyRuleMatchInfo:j FileRenameInfo:s "
	"PhysicalAccessPointId:s PhysicalAccessPointName:s PhysicalAccessStatus:s PhysicalAssetTag:s "
	"RemovableMediaManufacturer:s RemovableMediaModel:s RemovableMediaSerialNumber:s TeamsChannelName:s "
	"TeamsChannelType:s TeamsTeamName:s UserAlternateEmails:s AccountUpn:s AccountObjectId:s Department:s "
	"SourceCodeInfo:s CcPolicyMatchInfo:j IPAddress:s Timestamp:d DeviceSourceLocationType:i "
	"DeviceDestinationLocationType:i IrmPolicyMatchInfo:j UnallowedUrlDomains:s ExternalUrlDomains:s "
	"UrlDomainInfo:s SourceUrlDomain:s TargetUrlDomain:s EmailAttachmentCount:i EmailAttachmentInfo:j "
	"InternetMessageId:s NetworkMessageId:g EmailSubject:s ObjectId:s ObjectName:s ObjectType:s ObjectSize:i "
	"IsHidden:b ActivityId:g ActionType:s SensitiveInfoTypeInfo:j SensitivityLabelId:s "
	"SharepointSiteSensitivityLabelIds:s PreviousSensitivityLabelId:s Operation:s RecipientEmailAddress:s "
	"SiteUrl:s SourceRelativeUrl:s TargetFilePath:s PrinterName:s Workload:s IrmActionCategory:s "
	"SequenceCorrelationId:s CloudAppAlertId:s PhysicalAccessPointInfo:j RemovableMediaInfo:j "
	"RiskyAIUsageAccessedResourceInfo:j RiskyAIUsageAppCategory:s RiskyAIUsageSensitivityLabelsInfo:j",
	"DeviceBaselineComplianceAssessment DeviceId:s DeviceName:s OSPlatform:s OSVersion:s ConfigurationId:s "
	"ProfileId:s IsCompliant:b IsApplicable:b Source:j RecommendedValue:j CurrentValue:j IsExempt:b",
	"DeviceBaselineComplianceAssessmentKB ConfigurationId:s ConfigurationName:s ConfigurationDescription:s "
	"ConfigurationRationale:s ConfigurationCategory:s BenchmarkProfileLevels:j CCEReference:s "
	"RemediationOptions:s ConfigurationBenchmark:s Source:j RecommendedValue:j ConfigurationBenchmarkVersion:s",
	"DeviceBaselineComplianceProfiles ProfileId:s ProfileName:s ProfileDescription:s OSPlatform:j OSVersion:s "
	"BaseBenchmark:s BenchmarkVersion:s BenchmarkProfileLevel:s Status:b CreatedBy:s CreatedOn:d "
	"LastUpdatedBy:s LastUpdatedOn:d",
	"DeviceEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s "
	"MD5:s FileSize:l AccountDomain:s AccountName:s AccountSid:s RemoteUrl:s RemoteDeviceName:s ProcessId:l "
	"ProcessCommandLine:s ProcessCreationTime:d ProcessTokenElevation:s LogonId:l RegistryKey:s "
	"RegistryValueName:s RegistryValueData:s RemoteIP:s RemotePort:i LocalIP:s LocalPort:i FileOriginUrl:s "
	"FileOriginIP:s InitiatingProcessSHA1:s InitiatingProcessSHA256:s InitiatingProcessMD5:s "
	"InitiatingProcessFileName:s InitiatingProcessFileSize:l InitiatingProcessFolderPath:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s InitiatingProcessAccountSid:s "
	"InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessParentId:l InitiatingProcessParentFileName:s InitiatingProcessParentCreationTime:d "
	"InitiatingProcessLogonId:l ReportId:l AppGuardContainerId:s AdditionalFields:s "
	"InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
	"InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s CreatedProcessSessionId:l "
	"IsProcessRemoteSession:b ProcessRemoteSessionDeviceName:s ProcessRemoteSessionIP:s "
	"InitiatingProcessUniqueId:s",
	"DeviceFileCertificateInfo Timestamp:d DeviceId:s DeviceName:s SHA1:s IsSigned:b SignatureType:s Signer:s "
	"SignerHash:s Issuer:s IssuerHash:s CertificateSerialNumber:s CrlDistributionPointUrls:s "
	"CertificateCreationTime:d CertificateExpirationTime:d CertificateCountersignatureTime:d IsTrusted:b "
	"IsRootSignerMicrosoft:b ReportId:l",
	"DeviceFileEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s SHA256:s "
	"MD5:s FileOriginUrl:s FileOriginReferrerUrl:s FileOriginIP:s PreviousFolderPath:s PreviousFileName:s "
	"FileSize:l InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s InitiatingProcessAccountSid:s "
	"InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s InitiatingProcessSHA1:s "
	"InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessFolderPath:s InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s "
	"InitiatingProcessParentId:l InitiatingProcessParentFileName:s InitiatingProcessParentCreationTime:d "
	"RequestProtocol:s RequestSourceIP:s RequestSourcePort:i RequestAccountName:s RequestAccountDomain:s "
	"RequestAccountSid:s ShareName:s SensitivityLabel:s SensitivitySubLabel:s IsAzureInfoProtectionApplied:b "
	"ReportId:l AppGuardContainerId:s AdditionalFields:s InitiatingProcessSessionId:l "
	"IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
	"InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s LogonID:l",
	"DeviceImageLoadEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s "
	"SHA256:s MD5:s FileSize:l InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
	"InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
	"InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s "
	"InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessFolderPath:s InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
	"InitiatingProcessParentCreationTime:d ReportId:l AppGuardContainerId:s InitiatingProcessSessionId:l "
	"IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
	"InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s",
	"DeviceInfo Timestamp:d DeviceId:s DeviceName:s ClientVersion:s PublicIP:s OSArchitecture:s OSPlatform:s "
	"OSBuild:l IsAzureADJoined:b JoinType:s AadDeviceId:s LoggedOnUsers:s RegistryDeviceTag:s OSVersion:s "
	"MachineGroup:s ReportId:l OnboardingStatus:s AdditionalFields:s DeviceCategory:s DeviceType:s "
	"DeviceSubtype:s Model:s Vendor:s OSDistribution:s OSVersionInfo:s MergedDeviceIds:s MergedToDeviceId:s "
	"IsInternetFacing:b SensorHealthState:s IsExcluded:b ExclusionReason:s ExposureLevel:s AssetValue:s "
	"DeviceManualTags:s DeviceDynamicTags:s ConnectivityType:s HostDeviceId:s AzureResourceId:s "
	"AwsResourceName:s GcpFullResourceName:s HardwareUuid:s CloudPlatforms:s AzureVmId:s "
	"AzureVmSubscriptionId:s IsTransient:b OsBuildRevision:s MitigationStatus:s Site:s DiscoverySources:s "
	"DeviceRoles:s DlpInfo:s",
	"DeviceLogonEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s LogonType:s AccountDomain:s "
	"AccountName:s AccountSid:s Protocol:s FailureReason:s IsLocalAdmin:b LogonId:l RemoteDeviceName:s "
	"RemoteIP:s RemoteIPType:s RemotePort:i InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
	"InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
	"InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s "
	"InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessFolderPath:s InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
	"InitiatingProcessParentCreationTime:d ReportId:l AppGuardContainerId:s AdditionalFields:s "
	"InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
	"InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s",
	"DeviceNetworkEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s RemoteIP:s RemotePort:i RemoteUrl:s "
	"LocalIP:s LocalPort:i Protocol:s LocalIPType:s RemoteIPType:s InitiatingProcessSHA1:s "
	"InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessFolderPath:s InitiatingProcessParentFileName:s InitiatingProcessParentId:l "
	"InitiatingProcessParentCreationTime:d InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
	"InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
	"InitiatingProcessIntegrityLevel:s InitiatingProcessTokenElevation:s ReportId:l AppGuardContainerId:s "
	"AdditionalFields:s InitiatingProcessSessionId:l IsInitiatingProcessRemoteSession:b "
	"InitiatingProcessRemoteSessionDeviceName:s InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s "
	"LogonID:l",
	"DeviceNetworkInfo Timestamp:d DeviceId:s DeviceName:s NetworkAdapterName:s MacAddress:s "
	"NetworkAdapterType:s NetworkAdapterStatus:s TunnelType:s ConnectedNetworks:s DnsAddresses:s IPv4Dhcp:s "
	"IPv6Dhcp:s DefaultGateways:s IPAddresses:s ReportId:l NetworkAdapterVendor:s OnboardingStatus:s "
	"NetworkAdapterDnsSuffix:s",
	"DeviceProcessEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s FileName:s FolderPath:s SHA1:s "
	"SHA256:s MD5:s FileSize:l ProcessVersionInfoCompanyName:s ProcessVersionInfoProductName:s "
	"ProcessVersionInfoProductVersion:s ProcessVersionInfoInternalFileName:s "
	"ProcessVersionInfoOriginalFileName:s ProcessVersionInfoFileDescription:s ProcessId:l ProcessCommandLine:s "
	"ProcessIntegrityLevel:s ProcessTokenElevation:s ProcessCreationTime:d AccountDomain:s AccountName:s "
	"AccountSid:s AccountUpn:s AccountObjectId:s LogonId:l InitiatingProcessAccountDomain:s "
	"InitiatingProcessAccountName:s InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s "
	"InitiatingProcessAccountObjectId:s InitiatingProcessLogonId:l InitiatingProcessIntegrityLevel:s "
	"InitiatingProcessTokenElevation:s InitiatingProcessSHA1:s InitiatingProcessSHA256:s "
	"InitiatingProcessMD5:s InitiatingProcessFileName:s InitiatingProcessFileSize:l "
	"InitiatingProcessVersionInfoCompanyName:s InitiatingProcessVersionInfoProductName:s "
	"InitiatingProcessVersionInfoProductVersion:s InitiatingProcessVersionInfoInternalFileName:s "
	"InitiatingProcessVersionInfoOriginalFileName:s InitiatingProcessVersionInfoFileDescription:s "
	"InitiatingProcessId:l InitiatingProcessCommandLine:s InitiatingProcessCreationTime:d "
	"InitiatingProcessFolderPath:s InitiatingProcessParentId:l InitiatingProcessParentFileName:s "
	"InitiatingProcessParentCreationTime:d InitiatingProcessSignerType:s InitiatingProcessSignatureStatus:s "
	"ReportId:l AppGuardContainerId:s AdditionalFields:s InitiatingProcessSessionId:l "
	"IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
	"InitiatingProcessRemoteSessionIP:s CreatedProcessSessionId:l IsProcessRemoteSession:b "
	"ProcessRemoteSessionDeviceName:s ProcessRemoteSessionIP:s ProcessUniqueId:s InitiatingProcessUniqueId:s "
	"LogonID:l",
	"DeviceRegistryEvents Timestamp:d DeviceId:s DeviceName:s ActionType:s RegistryKey:s RegistryValueType:s "
	"RegistryValueName:s RegistryValueData:s PreviousRegistryKey:s PreviousRegistryValueName:s "
	"PreviousRegistryValueData:s InitiatingProcessAccountDomain:s InitiatingProcessAccountName:s "
	"InitiatingProcessAccountSid:s InitiatingProcessAccountUpn:s InitiatingProcessAccountObjectId:s "
	"InitiatingProcessSHA1:s InitiatingProcessSHA256:s InitiatingProcessMD5:s InitiatingProcessFileName:s "
	"InitiatingProcessFileSize:l InitiatingProcessVersionInfoCompanyName:s "
	"InitiatingProcessVersionInfoProductName:s InitiatingProcessVersionInfoProductVersion:s "
	"InitiatingProcessVersionInfoInternalFileName:s InitiatingProcessVersionInfoOriginalFileName:s "
	"InitiatingProcessVersionInfoFileDescription:s InitiatingProcessId:l InitiatingProcessCommandLine:s "
	"InitiatingProcessCreationTime:d InitiatingProcessFolderPath:s InitiatingProcessParentId:l "
	"InitiatingProcessParentFileName:s InitiatingProcessParentCreationTime:d InitiatingProcessIntegrityLevel:s "
	"InitiatingProcessTokenElevation:s ReportId:l AppGuardContainerId:s InitiatingProcessSessionId:l "
	"IsInitiatingProcessRemoteSession:b InitiatingProcessRemoteSessionDeviceName:s "
	"InitiatingProcessRemoteSessionIP:s InitiatingProcessUniqueId:s",
	"DeviceTvmBrowserExtensions DeviceId:s BrowserName:s ExtensionId:s ExtensionName:s ExtensionDescription:s "
	"ExtensionVersion:s ExtensionRisk:s ExtensionVendor:s IsActivated:s InstallationTime:d",
	"DeviceTvmBrowserExtensionsKB BrowserName:s ExtensionId:s ExtensionName:s ExtensionDescription:s "
	"ExtensionVersion:j ExtensionRisk:s PermissionId:s PermissionName:s PermissionDescription:s "
	"PermissionRisk:s IsPermissionRequired:s",
	"DeviceTvmCertificateInfo DeviceId:s Thumbprint:s Path:s SerialNumber:s IssuedTo:j IssuedBy:j "
	"FriendlyName:s SignatureAlgorithm:s KeySize:s ExpirationDate:s IssueDate:s SubjectType:s KeyUsage:s "
	"ExtendedKeyUsage:s",
	"DeviceTvmHardwareFirmware DeviceId:s DeviceName:s ComponentType:s Manufacturer:s ComponentName:s "
	"ComponentFamily:s ComponentVersion:s AdditionalFields:j",
	"DeviceTvmInfoGathering Timestamp:d LastSeenTime:d DeviceId:s DeviceName:s OSPlatform:s AdditionalFields:j",
	"DeviceTvmInfoGatheringKB IgId:s FieldName:s Description:s Categories:j DataStructure:s",
	"DeviceTvmSecureConfigurationAssessment DeviceId:s DeviceName:s OSPlatform:s Timestamp:d ConfigurationId:s "
	"ConfigurationCategory:s ConfigurationSubcategory:s ConfigurationImpact:r IsCompliant:b IsApplicable:b "
	"Context:j IsExpectedUserImpact:b",
	"DeviceTvmSecureConfigurationAssessmentKB ConfigurationId:s ConfigurationImpact:r ConfigurationName:s "
	"ConfigurationDescription:s RiskDescription:s ConfigurationCategory:s ConfigurationSubcategory:s "
	"ConfigurationBenchmarks:j Tags:j RemediationOptions:s",
	"DeviceTvmSoftwareEvidenceBeta DeviceId:s SoftwareVendor:s SoftwareName:s SoftwareVersion:s "
	"RegistryPaths:j DiskPaths:j LastSeenTime:s",
	"DeviceTvmSoftwareInventory DeviceId:s DeviceName:s OSPlatform:s OSVersion:s OSArchitecture:s "
	"SoftwareVendor:s SoftwareName:s SoftwareVersion:s EndOfSupportStatus:s EndOfSupportDate:d "
	"ProductCodeCpe:s",
	"DeviceTvmSoftwareVulnerabilities DeviceId:s DeviceName:s OSPlatform:s OSVersion:s OSArchitecture:s "
	"SoftwareVendor:s SoftwareName:s SoftwareVersion:s CveId:s VulnerabilitySeverityLevel:s "
	"RecommendedSecurityUpdate:s RecommendedSecurityUpdateId:s CveTags:j",
	"DeviceTvmSoftwareVulnerabilitiesKB CveId:s CvssScore:s IsExploitAvailable:b VulnerabilitySeverityLevel:s "
	"LastModifiedTime:d PublishedDate:d VulnerabilityDescription:s AffectedSoftware:j",
	"DisruptionAndResponseEvents Timestamp:d ActionType:s DeviceId:s SourceDeviceId:s TargetDeviceId:s "
	"TargetDeviceName:s TargetDomainName:s DeviceName:s DomainName:s InitiatingProcessId:i "
	"InitiatingProcessFileName:s SourceUserSid:s SourceUserName:s SourceUserDomainName:s SourceIpAddress:s "
	"SourcePort:i IpAddress:s Port:s SourceDeviceName:s SourceDomainName:s AuthenticationProtocol:s Service:s "
	"InterfaceUuid:s InterfaceFriendlyName:s FileName:s ShareName:s LogonType:s LogonId:l SessionId:l "
	"CompromisedAccountCount:i PolicyId:s PolicyName:s PolicyVersion:s PolicyHash:s DataSources:s IsPolicyOn:b "
	"ReportType:s",
	"EmailAttachmentInfo Timestamp:d NetworkMessageId:s SenderFromAddress:s SenderDisplayName:s "
	"SenderObjectId:s RecipientEmailAddress:s RecipientObjectId:s FileName:s FileType:s SHA256:s FileSize:l "
	"ThreatTypes:s ThreatNames:s DetectionMethods:s ReportId:s",
	"EmailEvents Timestamp:d NetworkMessageId:s InternetMessageId:s SenderMailFromAddress:s "
	"SenderFromAddress:s SenderDisplayName:s SenderObjectId:s SenderMailFromDomain:s SenderFromDomain:s "
	"SenderIPv4:s SenderIPv6:s RecipientEmailAddress:s RecipientObjectId:s Subject:s EmailClusterId:l "
	"EmailDirection:s DeliveryAction:s DeliveryLocation:s ThreatTypes:s ThreatNames:s DetectionMethods:s "
	"ConfidenceLevel:s BulkComplaintLevel:i EmailAction:s EmailActionPolicy:s EmailActionPolicyGuid:s "
	"AuthenticationDetails:s AttachmentCount:i UrlCount:i EmailLanguage:s Connectors:s OrgLevelAction:s "
	"OrgLevelPolicy:s UserLevelAction:s UserLevelPolicy:s ReportId:s AdditionalFields:s "
	"LatestDeliveryLocation:s LatestDeliveryAction:s DistributionList:s OriginalThreatTypes:s "
	"OriginalDetectionMethods:s OriginalConfidenceLevel:s ExchangeTransportRule:s ForwardingInformation:s "
	"Context:s To:s Cc:s ThreatClassification:s RecipientDomain:s EmailSize:l IsFirstContact:i Topics:s",
	"EmailPostDeliveryEvents Timestamp:d NetworkMessageId:s InternetMessageId:s Action:s ActionType:s "
	"ActionTrigger:s ActionResult:s RecipientEmailAddress:s DeliveryLocation:s SourceLocation:s ThreatTypes:s "
	"DetectionMethods:s ReportId:s SenderFromAddress:s EmailDirection:s",
	"EmailUrlInfo Timestamp:d NetworkMessageId:s Url:s UrlDomain:s UrlLocation:s ReportId:s UrlChainId:s "
	"UrlChainPosition:i",
	"EntraIdSignInEvents Timestamp:d Application:s ApplicationId:s LogonType:s ErrorCode:i CorrelationId:s "
	"SessionId:s AccountDisplayName:s AccountObjectId:s AccountUpn:s IsConfidentialClient:b IsExternalUser:i "
	"IsGuestUser:b AlternateSignInName:s LastPasswordChangeTimestamp:d ResourceDisplayName:s ResourceId:s "
	"ResourceTenantId:s DeviceName:s EntraIdDeviceId:s OSPlatform:s DeviceTrustType:s IsManaged:i "
	"IsCompliant:i AuthenticationProcessingDetails:s AuthenticationRequirement:s TokenIssuerType:s "
	"RiskLevelAggregated:i RiskDetails:i RiskState:i UserAgent:s ClientAppUsed:s Browser:s "
	"ConditionalAccessPolicies:s ConditionalAccessStatus:i IPAddress:s Country:s State:s City:s Latitude:s "
	"Longitude:s NetworkLocationDetails:s RequestId:s ReportId:s EndpointCall:s RiskLevelDuringSignIn:i "
	"RiskEventTypes:s GatewayJA4:s TenantId:s Type:s SourceSystem:s TimeGenerated:d UniqueTokenId:s "
	"IsSignInThroughGlobalSecureAccess:b",
	"EntraIdSpnSignInEvents Timestamp:d Application:s ApplicationId:s IsManagedIdentity:b ErrorCode:i "
	"CorrelationId:s ServicePrincipalName:s ServicePrincipalId:s ResourceDisplayName:s ResourceId:s "
	"ResourceTenantId:s IPAddress:s Country:s State:s City:s Latitude:s Longitude:s RequestId:s ReportId:s "
	"IsConfidentialClient:b GatewayJA4:s SessionId:s UserAgent:s TenantId:s Type:s SourceSystem:s "
	"TimeGenerated:d UniqueTokenId:s",
	"ExposureGraphEdges EdgeId:s EdgeLabel:s SourceNodeId:s SourceNodeName:s SourceNodeLabel:s "
	"SourceNodeCategories:j TargetNodeId:s TargetNodeName:s TargetNodeLabel:s TargetNodeCategories:j "
	"EdgeProperties:j",
	"ExposureGraphNodes NodeId:s NodeLabel:s NodeName:s Categories:j NodeProperties:j EntityIds:j",
	"FileMaliciousContentInfo Timestamp:d Workload:s FileName:s FolderPath:s FileSize:l SHA256:s "
	"FileOwnerDisplayName:s FileOwnerUpn:s DocumentId:s ThreatTypes:j ThreatNames:s DetectionMethods:s "
	"LastModifyingAccountUpn:s LastModifiedTime:d FileCreationTime:d ReportId:s",
	"GraphAPIAuditEvents IdentityProvider:s ApiVersion:s ApplicationId:s ClientRequestId:s OperationId:s "
	"AccountObjectId:s Location:s RequestDuration:s RequestMethod:s Timestamp:d ResponseStatusCode:s Scopes:s "
	"EntityType:s ReportId:s RequestUri:s UniqueTokenIdentifier:s RequestId:s IpAddress:s ServicePrincipalId:s "
	"TargetWorkload:s ResponseSize:l TenantId:s Type:s SourceSystem:s TimeGenerated:d",
	"GraphApiAuditEvents IdentityProvider:s ApiVersion:s ApplicationId:s ClientRequestId:s OperationId:s "
	"AccountObjectId:s Location:s RequestDuration:s RequestMethod:s Timestamp:d ResponseStatusCode:s Scopes:s "
	"EntityType:s ReportId:s RequestUri:s UniqueTokenIdentifier:s RequestId:s IpAddress:s ServicePrincipalId:s "
	"TargetWorkload:s ResponseSize:l TenantId:s Type:s SourceSystem:s TimeGenerated:d",
	"IdentityAccountInfo Timestamp:d ReportId:s SourceProviderAccountId:s AccountId:s IdentityId:s IsPrimary:b "
	"IdentityLinkType:s IdentityLinkReason:s IdentityLinkTime:d IdentityLinkBy:s DisplayName:s AccountUpn:s "
	"EmailAddress:s CriticalityLevel:i DefenderRiskLevel:i DefenderRiskUpdateTime:d Type:s GivenName:s "
	"Surname:s EmployeeId:s Department:s JobTitle:s Address:s City:s Country:s Phone:s Manager:s Sid:s "
	"AccountStatus:s SourceProvider:s SourceProviderInstanceId:s SourceProviderInstanceDisplayName:s "
	"AuthenticationMethod:s AuthenticationSourceAcccountId:s EnrolledMfas:j LastPasswordChangeTime:d "
	"GroupMembership:j AssignedRoles:j EligibleRoles:j TenantMembershipType:s CreatedDateTime:d "
	"DeletedDateTime:d Tags:j SourceProvderRiskLevel:j AdditionalFields:j TenantId:s",
	"IdentityDirectoryEvents Timestamp:d ActionType:s Application:s TargetAccountUpn:s "
	"TargetAccountDisplayName:s TargetDeviceName:s DestinationDeviceName:s DestinationIPAddress:s "
	"DestinationPort:i Protocol:s AccountName:s AccountDomain:s AccountUpn:s AccountSid:s AccountObjectId:s "
	"AccountDisplayName:s DeviceName:s IPAddress:s Port:i Location:s ISP:s ReportId:s AdditionalFields:j",
	"IdentityEvents Timestamp:d ReportId:s AccountId:s AccountType:s AccountDisplayName:s AccountUpn:s "
	"ActionType:s ActionResult:s ActionFailureReason:s IPAddress:s UserAgent:s TargetObjects:j Application:s "
	"ApplicationInstanceId:s ApplicationEventId:s ApplicationSessionId:s RawEventData:j AdditionalFields:j",
	"IdentityInfo Timestamp:d ReportId:s AccountObjectId:s AccountUpn:s OnPremSid:s AccountDisplayName:s "
	"AccountName:s AccountDomain:s CriticalityLevel:i Type:s DistinguishedName:s CloudSid:s GivenName:s "
	"Surname:s Department:s JobTitle:s EmailAddress:s SipProxyAddress:s Address:s City:s Country:s "
	"IsAccountEnabled:b Manager:s Phone:s CreatedDateTime:d ChangeSource:s BlastRadius:s CompanyName:s "
	"DeletedDateTime:d EmployeeId:s OtherMailAddresses:j RiskLevel:s RiskLevelDetails:s State:s Tags:j "
	"AssignedRoles:j PrivilegedEntraPimRoles:j TenantId:s SourceSystem:s OnPremObjectId:s "
	"TenantMembershipType:s RiskStatus:s UserAccountControl:s IdentityEnvironment:s SourceProviders:j "
	"GroupMembership:j",
	"IdentityLogonEvents Timestamp:d ActionType:s Application:s LogonType:s Protocol:s FailureReason:s "
	"AccountName:s AccountDomain:s AccountUpn:s AccountSid:s AccountObjectId:s AccountDisplayName:s "
	"DeviceName:s DeviceType:s OSPlatform:s IPAddress:s Port:i DestinationDeviceName:s DestinationIPAddress:s "
	"DestinationPort:i TargetDeviceName:s TargetAccountDisplayName:s Location:s Isp:s ReportId:s "
	"AdditionalFields:j ISP:s",
	"IdentityQueryEvents Timestamp:d ActionType:s Application:s QueryType:s QueryTarget:s Query:s Protocol:s "
	"AccountName:s AccountDomain:s AccountUpn:s AccountSid:s AccountObjectId:s AccountDisplayName:s "
	"DeviceName:s IPAddress:s Port:i DestinationDeviceName:s DestinationIPAddress:s DestinationPort:i "
	"TargetDeviceName:s TargetAccountUpn:s TargetAccountDisplayName:s Location:s ReportId:s AdditionalFields:j",
	"MessageContents Timestamp:d TeamsMessageId:s ThreadId:s ThreadName:s MessageSnippet:s ThreadType:s "
	"SenderEmailAddress:s SenderObjectId:s",
	"MessageEvents Timestamp:d LastEditedTime:s TeamsMessageId:s SenderEmailAddress:s SenderDisplayName:s "
	"SenderObjectId:s SenderType:s RecipientDetails:j IsOwnedThread:b MessageId:s ParentMessageId:s GroupId:s "
	"GroupName:s ThreadId:s ThreadSubtype:s IsExternalThread:b MessageFormatType:s MessageFormatSubtype:s "
	"MessageVersion:s MessageSubject:s ThreatTypes:s DetectionMethods:j ConfidenceLevel:j DeliveryAction:s "
	"DeliveryLocation:s ReportId:s SafetyTip:s",
	"MessagePostDeliveryEvents Timestamp:d TeamsMessageId:s Action:s ActionType:s ActionTrigger:s "
	"ActionResult:s SenderEmailAddress:s RecipientDetails:j ThreatTypes:s ConfidenceLevel:j DetectionMethods:s "
	"LatestDeliveryLocation:s ReportId:s IsExternalThread:b SafetyTip:s",
	"MessageUrlInfo Timestamp:d TeamsMessageId:s Url:s UrlDomain:s ThreatTypes:s ReportId:s",
	"OAuthAppInfo ReportId:s Timestamp:d OAuthAppId:s ServicePrincipalId:s AppName:s AddedOnTime:d "
	"LastModifiedTime:d AppStatus:s VerifiedPublisher:j PrivilegeLevel:s Permissions:j ConsentedUsersCount:i "
	"IsAdminConsented:b AppOrigin:s LastUsedTime:d AppOwnerTenantId:s RiskScore:i AssignedRoles:j",
	"UrlClickEvents Timestamp:d Url:s ActionType:s AccountUpn:s Workload:s NetworkMessageId:s ThreatTypes:s "
	"DetectionMethods:s IPAddress:s IsClickedThrough:b UrlChain:s ReportId:s AppName:s AppVersion:s SourceId:s "
	"TenantId:s Type:s SourceSystem:s TimeGenerated:d",
};

static enum column_type type_of(char letter)
{
	switch (letter) {
	case 'b':
		return COLUMN_BOOL;
	case 'd':
		return COLUMN_DATETIME;
	case 'g':
		return COLUMN_GUID;
	case 'i':
		return COLUMN_INT;
	case 'j':
		return COLUMN_DYNAMIC;
	case 'l':
		return COLUMN_LONG;
	case 'r':
		return COLUMN_REAL;
	case 't':
		return COLUMN_TIMESPAN;
	default:
		return COLUMN_STRING;
	}
}

struct table *hunting_schema_table(const char *name)
{
	size_t length = strlen(name);
	struct table *table = NULL;

	for (size_t n = 0; n < G_N_ELEMENTS(schema) && table == NULL; n++) {
		AUTO(g_strfreev) char **words = NULL;

		if (strncmp(schema[n], name, length) != 0 || schema[n][length] != ' ')
			continue;
		words = g_strsplit(schema[n] + length + 1, " ", -1);
		table = table_new(name);
		for (size_t k = 0; words[k] != NULL; k++) {
			char *colon = strchr(words[k], ':');

			*colon = '\0';
			table_add(table, column_new(words[k], type_of(colon[1])));
		}
	}
	return table;
}

char **hunting_schema_names(void)
{
	char **names = g_new0(char *, G_N_ELEMENTS(schema) + 1);

	for (size_t n = 0; n < G_N_ELEMENTS(schema); n++)
		names[n] = g_strndup(schema[n], strcspn(schema[n], " "));
	return names;
}
